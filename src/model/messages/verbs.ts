import type { Verb } from '../command.ts';
import { DISK_VERBS } from './disk-verbs.ts';
import { GUEST_VERBS } from './guest-verbs.ts';
import { MOVE_VERBS } from './move-verbs.ts';
import { PORT_VERBS } from './port-verbs.ts';
import type { VerbSchemas } from './verb.ts';

/**
 * Every command that an agent knows. A new verb of `Commands` does not compile until it has a schema.
 */
export const VERBS: VerbSchemas<Verb> = { ...DISK_VERBS, ...GUEST_VERBS, ...MOVE_VERBS, ...PORT_VERBS };
