/** The parts of an OpenAPI 3.1 document that this code reads. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly [field: string]: unknown;
}

/** The description of a method of a path. */
export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, DescribedResponse>>;
  /** For a path with actions: the responses of each action. */
  readonly 'x-actions'?: Readonly<Record<string, { readonly responses: Operation['responses'] }>>;
  readonly [field: string]: unknown;
}

/** A response, or a reference to one of the components. */
export interface DescribedResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly [field: string]: unknown;
}
