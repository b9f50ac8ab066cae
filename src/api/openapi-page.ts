import { MAX_MICROVERSION } from './http/microversion.ts';
import type { ServiceName } from './http/rewritten-url.ts';
import { openApiDocument } from './openapi/document.ts';
import { services } from './services.ts';

/** Renders a page of `docs/openapi`: Compute at the latest microversion. */
export function renderOpenApi(name: ServiceName): string {
  return `${JSON.stringify(openApiDocument(services(), name, MAX_MICROVERSION), null, 1)}\n`;
}
