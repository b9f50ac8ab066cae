/** An OpenAPI 3.1 document, as far as its readers here look into it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly [field: string]: unknown;
}

/** What a path does for one method. */
export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, DescribedResponse>>;
  /** Where the body's one key names an action: the answers of each. */
  readonly 'x-actions'?: Readonly<Record<string, { readonly responses: Operation['responses'] }>>;
  readonly [field: string]: unknown;
}

/** A response, or a reference to one of the components. */
export interface DescribedResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly [field: string]: unknown;
}
