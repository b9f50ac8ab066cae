import { demandsOwnSerial, wishesOf } from '../serial/policy.ts';
import type { Filter } from './filter.ts';

/** The word by which an agent says that it can give each guest a serial of its own. */
const FEATURE = 'unique-serial';

/**
 * A server that must have its own serial goes only to hosts whose agent says that it can give one, so that nobody is confused by a wish
 * that is ignored: an agent of an older version would ignore it, and without SMBIOS there is no serial to give.
 */
export const uniqueSerialFilter: Filter = {
  name: 'UniqueSerialFilter',
  onRebuild: true,
  testFor(wanted) {
    if (!demandsOwnSerial(wishesOf(wanted))) return undefined;
    return ({ host: { givesSerial, arch, features, version } }) => {
      if (!givesSerial)
        return `The server must have its own serial; guests of this host (${arch}) cannot be given one.`;
      if (features.includes(FEATURE)) return undefined;
      return `The server must have its own serial; the host's agent (version ${version}) does not say that it can give one.`;
    };
  },
};
