import { ownSerialObstacle } from '../serial/own-serial.ts';
import { demandsOwnSerial, serialPolicyOf } from '../serial/policy.ts';
import type { Filter } from './filter.ts';

/**
 * Places a server that must have its own serial only on hosts whose agent reports that it can give one. An
 * agent of an older version would ignore the policy silently, and without SMBIOS there is no serial at all.
 */
export const uniqueSerialFilter: Filter = {
  name: 'UniqueSerialFilter',
  onRebuild: true,
  forOwner: 'can give it its own serial, as its flavor (hw:unique_serial) or image (hw_unique_serial) asks',
  testFor(wanted) {
    if (!demandsOwnSerial(serialPolicyOf(wanted))) return undefined;
    return ({ host }) => {
      const obstacle = ownSerialObstacle(host);
      if (obstacle === undefined) return undefined;
      const { arch, version } = host;
      if (obstacle === 'architecture')
        return `The server must have its own serial; guests of this host (${arch}) cannot be given one.`;
      return `The server must have its own serial; the host's agent (version ${version}) does not say that it can give one.`;
    };
  },
};
