import fc from 'fast-check';
import { hostileText, hostileValue } from './hostile-values.ts';

/** The keywords of JSON Schema that the routes' schemas use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** Where a value of the cloud is to stand; the sender puts it in when it sends. */
export class Reference {
  readonly noun: string;
  readonly pick: number;
  constructor(noun: string, pick: number) {
    this.noun = noun;
    this.pick = pick;
  }
}

/** @returns a reference to a noun of the cloud, any one of those that there are */
export function reference(noun: string): fc.Arbitrary<Reference> {
  return fc.nat(1000).map((pick) => new Reference(noun, pick));
}

/** Properties whose values name things of the cloud: a value of the right noun gets past the first check. */
const NOUNS: Readonly<Record<string, string>> = {
  imageRef: 'image',
  image: 'image',
  flavorRef: 'flavor',
  flavor: 'flavor',
  key_name: 'keypair',
  host: 'host',
  tenant: 'project',
  tenant_id: 'project',
  project_id: 'project',
  default_project_id: 'project',
  user_id: 'user',
  member: 'project',
  owner: 'project',
  domain_id: 'domain',
  group: 'group',
  kernel_id: 'image',
  ramdisk_id: 'image',
  marker: 'server',
};

const TEXT_OF_FORMAT: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid(),
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6(),
  'date-time': fc.constantFrom('2026-01-01T00:00:00Z', '0001-01-01T00:00:00', '9999-12-31T23:59:59Z'),
  base64: fc.base64String({ maxLength: 60 }),
};

/**
 * Values that a schema accepts, or nearly: about one leaf in thirty is hostile, and now and then a property
 * is unknown.
 */
export function fromSchema(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  const noun = NOUNS[name];
  const right = noun === undefined ? valid(schema, name) : fc.oneof(reference(noun), valid(schema, name));
  return fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: hostileValue });
}

function valid(schema: Schema, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) return fc.oneof(...forms.map((form) => fromSchema(form, name)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return hostileValue;
  return fc.oneof(...types.map((type) => ofType(type, schema)));
}

function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return ofObject(schema);
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}), { maxLength: 4 });
    case 'integer':
    case 'number':
      return ofNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return TEXT_OF_FORMAT[schema.format ?? ''] ?? ofText(schema);
  }
}

function ofNumber({ minimum = 0, maximum = 1_000 }: Schema): fc.Arbitrary<number> {
  return fc.integer({
    min: Math.ceil(minimum),
    max: Math.floor(Math.min(Math.max(maximum, minimum), 2 ** 31 - 1)),
  });
}

function ofText({ maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const plain = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((text) => text.slice(0, maxLength));
  return fc.oneof({ weight: 15, arbitrary: plain }, { weight: 1, arbitrary: hostileText });
}

function ofObject(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], patternProperties } = schema;
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, fromSchema(each, name)]),
  );
  const record = fc
    .record(known, { requiredKeys: required.filter((name) => Object.hasOwn(known, name)) })
    .chain((value) => fewOptional(value, required));
  const more = fc.dictionary(
    hostileText,
    Object.values(patternProperties ?? {}).map((each) => fromSchema(each))[0] ?? hostileValue,
    {
      maxKeys: patternProperties === undefined ? 1 : 4,
    },
  );
  const often = patternProperties === undefined ? 1 : 20;
  return fc.oneof(
    { weight: 20, arbitrary: record },
    { weight: often, arbitrary: fc.tuple(record, more).map(([one, two]) => ({ ...one, ...two })) },
  );
}

/** With all of its options at once an object is hardly ever right: keeps at most four of them. */
function fewOptional(value: object, required: readonly string[]): fc.Arbitrary<object> {
  const optional = Object.keys(value).filter((name) => !required.includes(name));
  return fc
    .subarray(optional, { maxLength: Math.min(4, optional.length) })
    .map((kept) =>
      Object.fromEntries(
        Object.entries(value).filter(([name]) => required.includes(name) || kept.includes(name)),
      ),
    );
}
