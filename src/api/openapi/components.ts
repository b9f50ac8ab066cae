/** The titled schemas of a document. The document has each of them once, with references to it. */
export class Components {
  readonly #byTitle = new Map<string, object>();

  /**
   * Moves titled parts of a schema into the components.
   * @returns the schema with references in their place
   * @throws {Error} when two different schemas have the same title
   */
  hoist(schema: object): object {
    return this.#walk(schema) as object;
  }

  /** All titled schemas, by title. */
  schemas(): Record<string, object> {
    return Object.fromEntries([...this.#byTitle].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#walk(each));
    if (typeof value !== 'object' || value === null) return value;
    const walked = Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !key.startsWith('~'))
        .map(([key, each]) => [key, this.#walk(each)]),
    );
    const { title } = walked;
    return typeof title === 'string' && walked.type === 'object' ? this.#put(title, walked) : walked;
  }

  #put(title: string, schema: object): object {
    const before = this.#byTitle.get(title);
    if (before === undefined) this.#byTitle.set(title, schema);
    else if (JSON.stringify(before) !== JSON.stringify(schema))
      throw new Error(`two different schemas have the title ${title}`);
    return { $ref: `#/components/schemas/${title}` };
  }
}
