import { ACCEPTED_BOOLEANS } from './flexible-boolean.ts';
import type { ImageProperty } from './image-property.ts';

const INTRODUCTION = `# Image properties

\`\`\`
openstack image create --disk-format qcow2 --file licensed.qcow2 --property hw_unique_serial=true licensed
\`\`\`

A server keeps a copy of its image's properties, from when it was created or last rebuilt. A later edit of the image changes no server that exists:
rebuild it to take up what is new. A snapshot of a server inherits the properties of the server's image.

These are the properties that Nameplate acts on. An image may have any value for them, since it may be meant for another cloud: a value
that is not accepted is refused with 400 when a server is created or rebuilt from the image. \`hw_unique_serial\` is checked when it is set
already, and so is its name: \`hw:unique_serial\` (the extra spec of flavors) and other names that are nearly it are refused, for they would
have no effect. [serial.md](serial.md) says what follows from it, on x86 hosts alone.

Any other property is kept, shown and copied, and has no effect. The names and meanings are Nova's, but for \`hw_unique_serial\`, which
Nova's specification names and Nova never had. \`GET /v2/schemas/image\` of the Image API describes the same properties.

An image has at most 128 properties, of 128 KiB in all, names and values. No name or value has a character that XML cannot hold (control
characters but tab, line feed and carriage return; U+FFFE, U+FFFF). A server's copy of a value is cut at 255 bytes, as in Nova, unless Nameplate acts
on the property.

Booleans are ${ACCEPTED_BOOLEANS}.

This page is generated from \`src/model/image-property.ts\`.`;

/** `docs/image-properties.md`, from the table alone. */
export function renderImagePropertyReference(properties: readonly ImageProperty[]): string {
  const sections = properties.flatMap(({ name, olderName, effect, accepts }) => {
    const accepted = accepts === ACCEPTED_BOOLEANS ? 'a boolean' : accepts;
    const older = olderName === undefined ? [] : [`- Older name: \`${olderName}\``];
    return [`## \`${name}\``, effect, [`- Accepted: ${accepted}`, ...older].join('\n')];
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}
