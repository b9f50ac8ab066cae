import type { ServiceName } from '../http/rewritten-url.ts';
import type { DescribedResponse } from './open-api.ts';

const fault = {
  type: 'object',
  properties: { code: { type: 'integer' }, message: { type: 'string' }, title: { type: 'string' } },
  required: ['code', 'message'],
  additionalProperties: false,
};

/** Keystone's errors, and 401 of every service: `{"error": {…}}`. */
const error = {
  type: 'object',
  properties: { error: fault },
  required: ['error'],
  additionalProperties: false,
};

/** Nova's errors: one key that names the fault. */
const faults = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: fault,
};

/** How a service refuses; `failures.ts` makes what is described here. */
export function errorResponses(service: ServiceName): Record<'Error', DescribedResponse> {
  const described = { description: 'A refusal or a failure, with a sentence that says why' };
  if (service === 'image')
    return {
      Error: {
        ...described,
        content: {
          'text/html': { schema: { type: 'string' } },
          'text/plain': { schema: { type: 'string' } },
        },
      },
    };
  const schema = service === 'identity' ? error : faults;
  return { Error: { ...described, content: { 'application/json': { schema } } } };
}
