import { writableInXml } from './xml-text.ts';

/** An XML element: its name, its attributes, and either text or child elements. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

type Attributes = Readonly<Record<string, string | undefined>>;

/** Builds an element without undefined attributes and undefined children. */
export function element(
  name: string,
  attributes: Attributes = {},
  content: string | readonly (XmlElement | undefined)[] = [],
): XmlElement {
  const present = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    name,
    attributes: Object.fromEntries(present),
    content: typeof content === 'string' ? content : content.filter((child) => child !== undefined),
  };
}

/** Builds an element with a text. */
export function textElement(name: string, text: string | number): XmlElement {
  return element(name, {}, String(text));
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escapeBy(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => REFERENCES[character] ?? character);
}

/**
 * The element as XML text, indented by two spaces a level, with a final line feed.
 * @throws {Failure} `invalid` when a value has a character that XML cannot hold
 */
export function writeXml(root: XmlElement, indent = ''): string {
  const attributes = Object.entries(root.attributes)
    // XML parsers turn an unescaped line feed or tab in an attribute into a space.
    .map(
      ([name, value]) =>
        ` ${name}="${escapeBy(writableInXml(`<${root.name}> ${name}`, value), /[&<>"\t\n\r]/g)}"`,
    )
    .join('');
  const open = `${indent}<${root.name}${attributes}`;
  if (typeof root.content === 'string') {
    if (root.content === '') return `${open}></${root.name}>\n`;
    return `${open}>${escapeBy(writableInXml(`<${root.name}>`, root.content), /[&<>\r]/g)}</${root.name}>\n`;
  }
  if (root.content.length === 0) return `${open}/>\n`;
  const children = root.content.map((child) => writeXml(child, `${indent}  `)).join('');
  return `${open}>\n${children}${indent}</${root.name}>\n`;
}
