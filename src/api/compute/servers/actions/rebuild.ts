import type { Static } from 'typebox';
import { Type } from '../../../../model/schema.ts';
import { type RebuildRequest, rebuildServer } from '../../../../operations/kinds/rebuild-server.ts';
import { notImplemented } from '../../../http/failures.ts';
import { idInReference } from '../../../http/id-in-reference.ts';
import type { Microversion } from '../../../http/microversion.ts';
import type { Route } from '../../../http/route.ts';
import { BooleanSchema, DescriptionSchema, NameSchema } from '../../field-schemas.ts';
import { linksOf } from '../../links.ts';
import { accessAddressesOf, accessAddressSchemas } from '../access-addresses.ts';
import { diskConfigOf } from '../disk-config.ts';
import {
  AdminPassSchema,
  DiskConfigSchema,
  HostnameSchema,
  ImageReferenceSchema,
  MetadataSchema,
  PersonalitySchema,
} from '../field-schemas.ts';
import { requesterOf } from '../found-server.ts';
import { generatedPassword } from '../generated-password.ts';
import { imageForServer } from '../image-for-server.ts';
import { injectedFilesOf } from '../injected-files.ts';
import { keyNamed } from '../key-for-server.ts';
import { requireMetadataQuota } from '../metadata-quota.ts';
import { withPorts } from '../server-ports.ts';
import { rebuiltServer } from '../server-shapes.ts';
import { changedServer } from '../view.ts';
import { type ActionRequest, action } from './action.ts';

const optional = Type.Optional;

const properties = {
  imageRef: ImageReferenceSchema,
  name: optional(NameSchema),
  adminPass: optional(AdminPassSchema),
  metadata: optional(MetadataSchema),
  preserve_ephemeral: optional(BooleanSchema),
  'OS-DCF:diskConfig': optional(DiskConfigSchema),
  ...accessAddressSchemas,
  personality: optional(PersonalitySchema),
  description: optional(DescriptionSchema(255)),
  key_name: optional(Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255 })),
  user_data: optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'base64', maxLength: 65_535 }),
  ),
  trusted_image_certificates: optional(
    Type.Unsafe<string[] | null>({ type: ['array', 'null'], items: { type: 'string' }, maxItems: 50 }),
  ),
  hostname: optional(HostnameSchema),
};
const RebuildBody = Type.Object(properties);

/** Microversions that change the body of a rebuild. */
const STEPS: readonly Microversion[] = [1, 19, 54, 57, 63, 90];

/** nova/api/openstack/compute/schemas/servers.py rebuild, rebuild_v219, … */
function rebuildAt(version: Microversion) {
  const { personality, description, key_name, user_data, trusted_image_certificates, hostname, ...always } =
    properties;
  const taken = {
    ...always,
    ...(version < 57 && { personality }),
    ...(version >= 19 && { description }),
    ...(version >= 54 && { key_name }),
    ...(version >= 57 && { user_data }),
    ...(version >= 63 && { trusted_image_certificates }),
    ...(version >= 90 && { hostname }),
  };
  return Type.Unsafe<Static<typeof RebuildBody>>(Type.Object(taken, { additionalProperties: false }));
}

/** https://docs.openstack.org/api-ref/compute/#rebuild-server-rebuild-action */
export const rebuildActions: readonly Route[] = STEPS.map((since, index) => {
  const next = STEPS[index + 1];
  return action({
    key: 'rebuild',
    since: `2.${since}`,
    ...(next !== undefined && { until: `2.${next - 1}` as const }),
    access: 'member',
    policy: 'os_compute_api:servers:rebuild',
    summary: 'Make a server anew from an image; its id stays',
    schema: rebuildAt(since),
    response: rebuiltServer,
    handle: rebuild,
  });
});

async function rebuild(asked: ActionRequest<Static<typeof RebuildBody>>): Promise<unknown> {
  const { context, server, body } = asked;
  const request = await requestOf(asked);
  const { caller, parts, version, base } = context;
  const begun = await parts.operations.start(rebuildServer, server, request, requesterOf(context));
  const viewing = { version, isAdmin: caller.isAdmin, base, hosts: await parts.caches.hostFacts.current() };
  context.reply.header('location', linksOf(base, 'servers', server.id)[0]?.href);
  const adminPass = body.adminPass ?? generatedPassword();
  const rebuilt = await withPorts(context, { ...begun, ...request });
  return { server: { ...changedServer(rebuilt, viewing, true), adminPass } };
}

async function requestOf({
  context,
  server,
  body,
}: ActionRequest<Static<typeof RebuildBody>>): Promise<RebuildRequest> {
  const { caller, parts } = context;
  const files = await injectedFilesOf(body.personality, { ...parts, projectId: server.projectId });
  if ((body.trusted_image_certificates ?? []).length > 0) throw notImplemented('Verifying image signatures');
  const { name, hostname, description, metadata, key_name: key, user_data: userData } = body;
  const imageRef = idInReference(body.imageRef);
  if (metadata !== undefined) await requireMetadataQuota(parts, server.projectId, metadata);
  const image = await imageForServer(parts.store, caller, { imageRef, flavor: server.flavor });
  return {
    image,
    diskConfig: diskConfigOf(body, image),
    ...accessAddressesOf(body),
    ...(name !== undefined && { name }),
    ...(hostname !== undefined && { hostname }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
    ...(key !== undefined && (await keyNamed(parts.store, server.userId, key))),
    ...(userData !== undefined && { userData }),
    // A rebuild begins without the files that were injected before (nova/compute/api.py rebuild).
    ...((files.length > 0 || server.files !== undefined) && { files }),
  };
}
