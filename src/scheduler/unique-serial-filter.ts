import { ownSerialObstacle } from '../serial/own-serial.ts';
import { demandsOwnSerial, serialPolicyOf } from '../serial/policy.ts';
import type { Filter } from './filter.ts';

/**
 * A server that must have its own serial goes only to hosts whose agent says that it can give one, so that nobody is confused by a wish
 * that is ignored: an agent of an older version would ignore it, and without SMBIOS there is no serial to give.
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
