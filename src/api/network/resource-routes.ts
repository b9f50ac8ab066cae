import type { Static, TObject } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { links, listOf, object, optional, type Shape } from '../http/shape.ts';
import { converted } from './converted.ts';
import { createBody, updateBody } from './fields.ts';
import { ListWords, parseListQuery } from './list-query.ts';
import { plain, type Resource, type Row, reading, type View } from './resource.ts';
import { pageLinks, pageOf, requireVisible, shown } from './resource-page.ts';
import { changeRow, makeRows, removeRow } from './write-rows.ts';

export const IdParams = Type.Object({ id: Type.String() });

/** The routes of a resource: list, show, create (one or many), update and delete. */
export function resourceRoutes<R extends Row, Create extends TObject, Update extends TObject>(
  resource: Resource<R, Create, Update>,
): readonly Route[] {
  const of = plain(resource);
  return [
    listRoute(of),
    showRoute(of),
    createRoute(of),
    ...(resource.update === undefined ? [] : [updateRoute(of, resource.update)]),
    deleteRoute(of),
  ];
}

type Of<R extends Row> = Resource<R, TObject, TObject>;

function listRoute<R extends Row>(resource: Of<R>): Route {
  const { collection, path, name, abilities } = resource;
  return route({
    method: 'GET',
    path: `/v2.0${path}`,
    access: 'reader',
    policy: `get_${name}`,
    summary: `List ${wordsOf(collection)}`,
    schemas: { query: ListWords },
    status: 200,
    response: object({
      [collection]: listOf(partly(resource.shape)),
      [`${collection}_links`]: optional(links),
    }),
    handle: async (context) => {
      const query = parseListQuery(context.query, abilities);
      const most = context.parts.config.api.max_limit;
      const limit = Math.min(query.limit ?? most, most);
      const views = await pageOf(resource, reading(context), { query, limit });
      const url = `${context.base}/v2.0${path}`;
      const around = pageLinks(views, { url, words: context.query, query, limit });
      return {
        [collection]: views.map((view) => shown(view, query.fields)),
        ...(around.length > 0 && { [`${collection}_links`]: around }),
      };
    },
  });
}

function showRoute<R extends Row>(resource: Of<R>): Route {
  const { name, path, abilities } = resource;
  return route({
    method: 'GET',
    path: `/v2.0${path}/:id`,
    access: 'reader',
    policy: `get_${name}`,
    summary: `Show a ${wordsOf(name)}`,
    schemas: { params: IdParams, query: ListWords },
    status: 200,
    response: object({ [name]: partly(resource.shape) }),
    handle: async (context) => {
      const { fields } = parseListQuery(context.query, abilities);
      const row = await requireVisible(resource, reading(context), context.params.id);
      const [view] = await resource.views(reading(context), [row]);
      return { [name]: shown(view as View, fields) };
    },
  });
}

function createRoute<R extends Row>(resource: Of<R>): Route {
  const { name, collection, path } = resource;
  return route({
    method: 'POST',
    path: `/v2.0${path}`,
    access: 'member',
    policy: `create_${name}`,
    summary: `Create a ${wordsOf(name)}, or several`,
    schemas: { body: createBody(name, collection, resource.create) },
    status: 201,
    response: object({
      [name]: optional(resource.shape),
      [collection]: optional(listOf(resource.shape)),
    }),
    handle: async (context) => {
      const asked = askedFor(context.body, { name, collection });
      const rows = await makeRows(resource, context, asked);
      const views = await resource.views(reading(context), rows);
      return context.body[collection] === undefined ? { [name]: views[0] } : { [collection]: views };
    },
  });
}

function updateRoute<R extends Row>(resource: Of<R>, fields: TObject): Route {
  const { name, path } = resource;
  return route({
    method: 'PUT',
    path: `/v2.0${path}/:id`,
    access: 'member',
    policy: `update_${name}`,
    summary: `Change a ${wordsOf(name)}`,
    schemas: { params: IdParams, body: updateBody(name, fields) },
    status: 200,
    response: object({ [name]: resource.shape }),
    handle: async (context) => {
      const patch = context.body[name] as Static<TObject> | undefined;
      if (patch === undefined) throw missing(name);
      const after = await changeRow(resource, context, converted(fields, patch));
      const [view] = await resource.views(reading(context), [after]);
      return { [name]: view };
    },
  });
}

function deleteRoute<R extends Row>(resource: Of<R>): Route {
  const { name, path } = resource;
  return route({
    method: 'DELETE',
    path: `/v2.0${path}/:id`,
    access: 'member',
    policy: `delete_${name}`,
    summary: `Delete a ${wordsOf(name)}`,
    schemas: { params: IdParams },
    status: 204,
    handle: (context) => removeRow(resource, context),
  });
}

function askedFor(
  body: Readonly<Record<string, unknown>>,
  { name, collection }: { readonly name: string; readonly collection: string },
): readonly Static<TObject>[] {
  const [one, many] = [body[name], body[collection]];
  if (one === undefined && many === undefined) throw missing(name);
  if (one !== undefined && many !== undefined)
    throw new Failure('invalid', `The body has both '${name}' and '${collection}'; one of them is accepted.`);
  return [one ?? many].flat() as Static<TObject>[];
}

function missing(name: string): Failure {
  return new Failure('invalid', `Unable to find '${name}' in request body`);
}

/** A shape of which a request may have named some attributes only. */
export function partly(shape: Shape): Shape {
  return (version) => {
    const { title, required: _required, ...rest } = shape(version) as unknown as Record<string, unknown>;
    return { ...rest, ...(title !== undefined && { title: `${title}Fields` }) } as ReturnType<Shape>;
  };
}

function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}
