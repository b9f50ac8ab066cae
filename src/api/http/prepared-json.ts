/** JSON text that a handler has already serialized. It is sent unchanged. */
export class PreparedJson {
  readonly text: string | Buffer;

  constructor(text: string | Buffer) {
    this.text = text;
  }
}
