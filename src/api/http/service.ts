import type { ServiceName } from './rewritten-url.ts';
import type { Route } from './route.ts';
import type { DescribeError } from './schema-error-text.ts';

/** One service of the listener: its routes below a prefix, and its conventions. */
export interface Service {
  readonly name: ServiceName;
  /** E.g. `/compute/v2.1`; paths of routes are relative to it. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Whether requests and answers have a microversion. */
  readonly hasMicroversions: boolean;
  /** The answer for a known path with an unknown method. Nova: 404; Keystone and Glance: 405. */
  readonly unknownMethod: 404 | 405;
  /**
   * Whether an unknown path needs a token before it answers 404. In Nova and Glance, keystonemiddleware runs
   * before the router; in Keystone it does not.
   */
  readonly tokenBeforePath: boolean;
  /** Its words for a refused input; absent: Nova's. */
  readonly describeBadInput?: DescribeError;
}
