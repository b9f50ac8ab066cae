import type { TObject, TSchema } from 'typebox';
import { boundsOf } from '../http/microversion.ts';
import type { Route } from '../http/route.ts';

/**
 * From this microversion unknown query parameters are refused; below it they are ignored (Nova's release
 * note of 2.75).
 */
const STRICT_SINCE = 75;

/** The two forms of a list route: below 2.75 with arbitrary further parameters, from 2.75 without. */
export function strictFrom275(made: Route): Route[] {
  const { first, last } = boundsOf(made);
  const forms: Route[] = [];
  if (first < STRICT_SINCE) {
    const end = last < STRICT_SINCE ? made.until : (`2.${STRICT_SINCE - 1}` as const);
    forms.push({ ...made, ...(end && { until: end }), schemas: { ...made.schemas, query: openQuery(made) } });
  }
  if (last >= STRICT_SINCE) {
    const start = first > STRICT_SINCE ? made.since : (`2.${STRICT_SINCE}` as const);
    forms.push({
      ...made,
      ...(start && { since: start }),
      schemas: { ...made.schemas, query: closedQuery(made) },
    });
  }
  return forms;
}

/**
 * Parameters that begin with `_` are always accepted, as in Nova's query schemas. They are for proxies and
 * load balancers.
 */
export function closedQuery(made: Pick<Route, 'schemas'>): TSchema {
  return {
    ...objectOf(made),
    additionalProperties: false,
    patternProperties: { '^_': {} },
  } as unknown as TSchema;
}

function openQuery(made: Route): TSchema {
  return { ...objectOf(made), additionalProperties: true } as TSchema;
}

function objectOf(made: Pick<Route, 'schemas'>): TObject {
  return (made.schemas?.query ?? { type: 'object', properties: {} }) as TObject;
}
