import { type OptionGroup, option, optionalOption } from '../option.ts';
import { integer } from '../types.ts';
import { MAX_TIMEOUT_SECONDS } from './limits.ts';

/** `[security_compliance]`: keystone/conf/security_compliance.py. */
export const securityComplianceGroup = {
  help: 'What the Identity API asks of passwords.',
  options: {
    lockout_failure_attempts: optionalOption({
      type: integer({ min: 1, max: 1_000_000 }),
      from: 'Keystone',
      help: 'After so many wrong passwords in a row a user is locked out for `lockout_duration`, also with the right one; all replicas count together. Unset: never. Whoever knows a name can then lock its user out: an administrator lets a user in again by `openstack user set --enable` or a new password, and the administrator waits, or unsets the option and restarts.',
    }),
    lockout_duration: option({
      type: integer({ min: 1, max: MAX_TIMEOUT_SECONDS }),
      default: '1800',
      unit: 'seconds',
      from: 'Keystone',
      help: 'How long a user is locked out, from the last wrong password on. Without `lockout_failure_attempts` it has no effect.',
    }),
  },
} as const satisfies OptionGroup;
