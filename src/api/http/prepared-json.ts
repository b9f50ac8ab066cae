/** JSON text that a handler has ready: it is sent as it is. */
export class PreparedJson {
  readonly text: string | Buffer;

  constructor(text: string | Buffer) {
    this.text = text;
  }
}
