import { acceptedBooleanWords } from './flexible-boolean.ts';
import type { ImageProperty } from './image-property.ts';

const INTRODUCTION = `# Image properties

\`\`\`
openstack image create --disk-format qcow2 --file licensed.qcow2 --property hw_unique_serial=true licensed
\`\`\`

A server keeps a copy of its image's properties, from when it was created or last rebuilt. A later edit of the image changes no server that exists:
rebuild it to take up what is new. A snapshot of a server inherits the properties of the server's image.

These are the properties that Nameplate acts on. A value that is not accepted is refused when the image is created or changed. Any other
property is kept, shown and copied, and has no effect. The names and meanings are Nova's, but for \`hw_unique_serial\`, which Nova's
specification names and Nova never had.

Booleans are ${acceptedBooleanWords}.

This page is generated from \`src/model/image-property.ts\`.`;

/** `docs/image-properties.md`, from the table alone. */
export function renderImagePropertyReference(properties: readonly ImageProperty[]): string {
  const sections = properties.flatMap(({ name, effect, accepts }) => {
    const accepted = accepts === acceptedBooleanWords ? 'a boolean' : accepts;
    return [`## \`${name}\``, effect, `- Accepted: ${accepted}`];
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}
