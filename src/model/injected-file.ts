/** A file that a request gave its server (`personality`); the guest finds it on the config drive. */
export interface InjectedFile {
  /** Where the guest is to put it. */
  readonly path: string;
  /** base64 */
  readonly contents: string;
}
