import type { ProjectId } from '../../model/ids.ts';
import { integer, text, texts, time } from '../http/shape.ts';

interface Common {
  readonly id: string;
  readonly generation: number;
  readonly name: string;
  readonly description: string;
  readonly projectId: ProjectId;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What Neutron shows of every resource (neutron/db/standard_attr.py). */
export function commonView(of: Common) {
  return {
    id: of.id,
    name: of.name,
    description: of.description,
    project_id: of.projectId,
    tenant_id: of.projectId,
    tags: of.tags,
    revision_number: of.generation,
    created_at: timeText(of.createdAt),
    updated_at: timeText(of.updatedAt),
  };
}

/** Epoch milliseconds as Neutron shows them: `2026-01-01T00:00:00Z`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The keys of {@link commonView}. */
export const commonFields = {
  id: text,
  name: text,
  description: text,
  project_id: text,
  tenant_id: text,
  tags: texts,
  revision_number: integer,
  created_at: time,
  updated_at: time,
} as const;

/** Attributes of every resource that a list can be narrowed by. */
export const COMMON_FILTERS = [
  'id',
  'name',
  'description',
  'project_id',
  'tenant_id',
  'revision_number',
  'created_at',
  'updated_at',
] as const;

/** Attributes that no request may name. */
export const COMMON_READ_ONLY = ['id', 'revision_number', 'created_at', 'updated_at', 'status'] as const;
