import type { ServiceName } from './rewritten-url.ts';
import type { Route } from './route.ts';

/** One service of the listener: its routes under a prefix, and what it needs of its own. */
export interface Service {
  readonly name: ServiceName;
  /** E.g. `/compute/v2.1`; route paths begin below it. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Whether requests name a microversion, and answers carry one. */
  readonly hasMicroversions: boolean;
  /** What a known path answers to a method that it has not. Nova: 404; Keystone and Glance: 405. */
  readonly unknownMethod: 404 | 405;
  /**
   * Whether a path that is not there asks for a token first. Before Nova's and Glance's routers stands
   * keystonemiddleware; Keystone's own answers 404.
   */
  readonly tokenBeforePath: boolean;
}
