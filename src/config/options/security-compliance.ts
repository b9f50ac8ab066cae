import { type OptionGroup, option, optionalOption } from '../option.ts';
import { integer } from '../types.ts';
import { MAX_TIMEOUT_SECONDS } from './limits.ts';

/** `[security_compliance]`: keystone/conf/security_compliance.py. */
export const securityComplianceGroup = {
  help: 'Rules of the Identity API for passwords.',
  options: {
    lockout_failure_attempts: optionalOption({
      type: integer({ min: 1, max: 1_000_000 }),
      from: 'Keystone',
      help: 'Number of consecutive wrong passwords after which a user is locked out for `lockout_duration`, even with the right password. All replicas count together. Unset: never. Anybody who knows a name can then lock out its user. An administrator unlocks a user with `openstack user set --enable` or a new password; a locked administrator must wait, or unset the option and restart.',
    }),
    lockout_duration: option({
      type: integer({ min: 1, max: MAX_TIMEOUT_SECONDS }),
      default: '1800',
      unit: 'seconds',
      from: 'Keystone',
      help: 'How long a user is locked out after the last wrong password. It has no effect without `lockout_failure_attempts`.',
    }),
  },
} as const satisfies OptionGroup;
