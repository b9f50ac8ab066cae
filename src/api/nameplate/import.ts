import { Failure } from '../../model/failure.ts';
import type { ChosenIdentity } from '../../model/given-identity.ts';
import { machineTypeToDefine, SMBIOS_NAMES } from '../../model/machine-identity.ts';
import { Type } from '../../model/schema.ts';
import type { ServerRequest } from '../../operations/requests/operations.ts';
import { type CreateBody, createBody } from '../compute/servers/create-schemas.ts';
import { requesterOf } from '../compute/servers/found-server.ts';
import { notFoundAsInvalid, serverRequest } from '../compute/servers/server-request.ts';
import type { Microversion } from '../http/microversion.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { flag, listOf, object, text, textOrNull, word } from '../http/shape.ts';
import { type IdentityBody, IdentitySchema, requestedIdentity } from './requested-identity.ts';

/** The microversion of `POST /servers` whose body an import takes. */
const BODY_VERSION: Microversion = 90;
const Body = Type.Object(
  { server: createBody(BODY_VERSION).properties.server!, identity: IdentitySchema },
  { additionalProperties: false },
);
const PreviewBody = Type.Object({ identity: IdentitySchema }, { additionalProperties: false });

const imported = object({ server: object({ id: text }, 'ImportedServer') });
const previewed = object({
  import: object(
    {
      possible: flag,
      values: listOf(
        object({ name: text, value: textOrNull, outcome: word('kept', 'new') }, 'ImportedValue'),
      ),
      holders: listOf(
        object(
          { name: text, value: text, kind: word('server', 'port', 'host', 'domain'), holder: text },
          'IdentityHolder',
        ),
      ),
    },
    'ImportPreview',
  ),
});

/** Servers that are made as another machine was: `docs/import.md`. */
export const importRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/servers/import',
    access: 'admin',
    policy: 'nameplate:servers:import',
    summary:
      'Create a server with a given id, serial, disk serials and MAC addresses, or as a copy with new ones',
    schemas: { body: Body },
    status: 202,
    response: imported,
    handle: (context) => importServer(context as RequestContext, context.body as unknown as ImportBody),
  }),
  route({
    method: 'POST',
    path: '/servers/import/preview',
    access: 'admin',
    policy: 'nameplate:servers:import',
    summary: 'Show which values an import would keep, and who has them',
    schemas: { body: PreviewBody },
    status: 200,
    response: previewed,
    async handle(context) {
      const identity = requestedIdentity(context.body.identity);
      const holders = await context.parts.operations.holdersOf(
        identity,
        requesterOf(context as RequestContext).projectId,
      );
      return { import: { possible: holders.length === 0, values: valuesOf(identity), holders } };
    },
  }),
];

interface ImportBody {
  readonly server: CreateBody['server'];
  readonly identity: IdentityBody;
}

async function importServer(context: RequestContext, body: ImportBody): Promise<unknown> {
  const identity = requestedIdentity(body.identity);
  const made = await notFoundAsInvalid(async () => {
    const request = await serverRequest({ ...context, version: BODY_VERSION }, { server: body.server });
    return context.parts.operations.createServers(withIdentity(request, identity), requesterOf(context));
  });
  return { server: { id: made[0]?.id } };
}

/** @throws {Failure} `invalid` when the request cannot have this identity */
function withIdentity(request: ServerRequest, identity: ChosenIdentity): ServerRequest {
  const { machineType } = identity.given;
  if (request.names.length > 1)
    throw new Failure('invalid', 'An import makes one server: min_count and max_count must be 1.');
  const ofImage = request.image.properties.hw_machine_type || undefined;
  const asImage = { machineType, smbios: null, diskSerials: {}, addresses: {}, controllers: [] };
  if (machineType !== undefined && machineTypeToDefine({ ...asImage, machineType }, ofImage) !== machineType)
    throw new Failure(
      'invalid',
      `identity.machine_type is ${machineType}, but the image asks for ${ofImage} (hw_machine_type): give one of them, or the same.`,
    );
  const unused = [...identity.macs];
  const ports = request.ports.map((port) => {
    const mac = 'networkId' in port ? unused.shift() : undefined;
    return mac === undefined ? port : { ...port, mac };
  });
  if (unused.length > 0)
    throw new Failure(
      'invalid',
      `identity.mac_addresses names ${identity.macs.length}, but the server gets only ${identity.macs.length - unused.length} new interfaces: name a network for each in server.networks.`,
    );
  return { ...request, ports, identity };
}

/** What the server will be known by, and whether it was given. null: none, or not known yet. */
function valuesOf({ id, given, macs }: ChosenIdentity) {
  const { serial, smbios, machineType, diskSerials } = given;
  const value = (name: string, chosen: string | null | undefined) => ({
    ...{ name, value: chosen ?? null, outcome: chosen === undefined ? 'new' : 'kept' },
  });
  return [
    value('uuid', id ?? undefined),
    value('serial', serial),
    value('machine_type', machineType),
    ...SMBIOS_NAMES.map((name) => value(`smbios.${name}`, smbios?.[name])),
    value('disk.root.serial', diskSerials.root),
    ...Object.entries(diskSerials)
      .filter(([role]) => role !== 'root')
      .map(([role, chosen]) => value(`disk.${role}.serial`, chosen)),
    ...(macs.length === 0 ? [value('mac_address', undefined)] : macs.map((mac) => value('mac_address', mac))),
  ];
}
