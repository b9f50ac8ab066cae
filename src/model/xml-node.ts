/** An element as fast-xml-parser gives it, with `@_` before the names of attributes. */
export type XmlNode = Readonly<Record<string, unknown>>;

/** An element; one without attributes and children where there is none. */
export function node(value: unknown): XmlNode {
  return typeof value === 'object' && value !== null ? (value as XmlNode) : {};
}

/** The elements of a name that the parser gives as a list; none where there is none. */
export function nodes(value: unknown): XmlNode[] {
  return Array.isArray(value) ? value.map(node) : [];
}

/** An attribute; null: there is none, or it is empty. */
export function attribute(from: XmlNode, name: string): string | null {
  const value = from[`@_${name}`];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The text of an element, with or without attributes; null: there is none, or it is empty. */
export function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value : node(value)['#text'];
  return typeof text === 'string' && text !== '' ? text : null;
}
