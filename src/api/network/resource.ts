import type { Static, TObject } from 'typebox';
import type { Config } from '../../config/declared.ts';
import type { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { Page } from '../../store/promise/page.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { RequestContext } from '../http/route.ts';
import type { Shape } from '../http/shape.ts';
import type { ListAbilities, ListQuery } from './list-query.ts';

/** A row of a resource that has an owner and revisions. */
export interface Row {
  readonly id: string;
  readonly generation: number;
  readonly projectId: ProjectId;
}

/** A resource as the API shows it. */
export type View = Readonly<Record<string, unknown>>;

/** Who reads, in which store. */
export interface Reading {
  readonly store: Queries;
  readonly caller: Caller;
  readonly config: Config;
}

/** Who writes, in which transaction. */
export interface Writing extends Reading {
  /** Epoch milliseconds */
  readonly now: number;
}

/** Which rows a list is to have. */
export interface ListOf {
  /** The project whose view it is; undefined: an administrator's, of everything. */
  readonly visibleTo: ProjectId | undefined;
  readonly query: ListQuery;
}

/** What the routes of a resource need to know of it. */
export interface Resource<R extends Row, Create extends TObject, Update extends TObject> {
  /** As in a body: `security_group`. */
  readonly name: string;
  readonly collection: string;
  /** Below `/v2.0`, as `/security-groups`. */
  readonly path: string;
  /** What stands in an answer. */
  readonly shape: Shape;
  readonly create: Create;
  /** Absent: it does not change. */
  readonly update?: Update;
  readonly abilities: ListAbilities;
  notFound(id: string): Failure;
  find(at: Reading, id: string): Promise<R | undefined>;
  isVisible(at: Reading, row: R): boolean | Promise<boolean>;
  /** Who may change it, besides administrators. */
  isOwn(at: Reading, row: R): boolean | Promise<boolean>;
  /** Who may delete it; absent: who owns it. */
  mayDelete?(at: Reading, row: R): boolean | Promise<boolean>;
  list(at: Reading, of: ListOf, page: Page): Promise<R[]>;
  views(at: Reading, rows: readonly R[]): Promise<View[]>;
  /** Makes it, after quota and policy. */
  insert(at: Writing, fields: Static<Create>): Promise<R>;
  change?(at: Writing, row: R, fields: Static<Update>): Promise<R>;
  remove(at: Writing, row: R): Promise<void>;
  /** What hosts must follow when this row is made, changed or deleted: asked before and after. */
  affects?(at: Reading, row: R): Promise<PortChange>;
}

/** Whether it is the caller's project's. */
export function isOfProject({ caller }: Reading, { projectId }: Pick<Row, 'projectId'>): boolean {
  return caller.isAdmin || projectId === caller.projectId;
}

export function reading({ caller, parts }: RequestContext): Reading {
  return { store: parts.store, caller, config: parts.config };
}

export function writing({ caller, parts }: RequestContext, store: Writing['store']): Writing {
  return { store, caller, config: parts.config, now: parts.now() };
}

/** A resource for code that does not know its attributes. */
export function plain<R extends Row, Create extends TObject, Update extends TObject>(
  resource: Resource<R, Create, Update>,
): Resource<R, TObject, TObject> {
  return resource as unknown as Resource<R, TObject, TObject>;
}
