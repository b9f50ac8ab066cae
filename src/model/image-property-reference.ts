import { ACCEPTED_BOOLEANS } from './flexible-boolean.ts';
import type { ImageProperty } from './image-property.ts';

const INTRODUCTION = `# Image properties

\`\`\`
openstack image create --disk-format qcow2 --file licensed.qcow2 --property hw_unique_serial=true licensed
\`\`\`

A server keeps a copy of its image's properties, from when it was created or last rebuilt. A later edit of the image does not change existing
servers: rebuild a server to apply the edit. A snapshot of a server inherits the properties of the server's image.

This page lists the properties that have an effect in Nameplate. An image may have any value for them, because it may be meant for another cloud. A value
that is not accepted is refused with 400 when a server is created or rebuilt from the image. \`hw_unique_serial\` is checked when it is set,
and so is its name: \`hw:unique_serial\` (the extra spec of flavors) and misspellings are refused, because they would
have no effect. [serial.md](serial.md) explains its effect, on x86 hosts only.

Any other property is stored, shown and copied, and has no effect. The names and meanings are Nova's, except for \`hw_unique_serial\`, which
is in Nova's specification but was never implemented in Nova. \`GET /v2/schemas/image\` of the Image API describes the same properties.

An image has at most 128 properties, whose names and values have at most 128 KiB in all. Names and values must not have a character that XML cannot hold (control
characters except tab, line feed and carriage return; U+FFFE, U+FFFF). A server's copy of a value is cut at 255 bytes, as in Nova, unless the property
has an effect in Nameplate.

Booleans are ${ACCEPTED_BOOLEANS}.

This page is generated from \`src/model/image-property.ts\`.`;

/** Renders `docs/image-properties.md` from the table. */
export function renderImagePropertyReference(properties: readonly ImageProperty[]): string {
  const sections = properties.flatMap(({ name, olderName, effect, accepts }) => {
    const accepted = accepts === ACCEPTED_BOOLEANS ? 'a boolean' : accepts;
    const older = olderName === undefined ? [] : [`- Older name: \`${olderName}\``];
    return [`## \`${name}\``, effect, [`- Accepted: ${accepted}`, ...older].join('\n')];
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}
