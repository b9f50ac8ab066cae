import type { ServiceName } from '../http/rewritten-url.ts';
import type { DescribedResponse } from './open-api.ts';

const fault = {
  type: 'object',
  properties: { code: { type: 'integer' }, message: { type: 'string' }, title: { type: 'string' } },
  required: ['code', 'message'],
  additionalProperties: false,
};

/** Keystone's errors, and the 401 of every service: `{"error": {…}}`. */
const error = {
  type: 'object',
  properties: { error: fault },
  required: ['error'],
  additionalProperties: false,
};

/** Nova's errors: the only key names the fault. */
const faults = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: fault,
};

/** Neutron's errors, named by their class. */
const neutronError = {
  type: 'object',
  properties: {
    NeutronError: {
      type: 'object',
      properties: { type: { type: 'string' }, message: { type: 'string' }, detail: { type: 'string' } },
      required: ['type', 'message', 'detail'],
      additionalProperties: false,
    },
  },
  required: ['NeutronError'],
  additionalProperties: false,
};

const SCHEMAS: Partial<Record<ServiceName, object>> = {
  identity: error,
  network: { anyOf: [neutronError, error] },
};

/** The error responses of a service, which `failures.ts` produces. */
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
  const schema = SCHEMAS[service] ?? faults;
  return { Error: { ...described, content: { 'application/json': { schema } } } };
}
