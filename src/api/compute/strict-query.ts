import type { TObject, TSchema } from 'typebox';
import { boundsOf } from '../http/microversion.ts';
import type { Route } from '../http/route.ts';

/**
 * From this microversion an unknown query word is refused; below it is dropped (Nova's release note of 2.75).
 */
const STRICT_SINCE = 75;

/**
 * One list route in its two forms: below 2.75 with any other query word, from 2.75 with none.
 * The schema names the words; this says what becomes of the others.
 */
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
 * As Nova's query schemas: words that begin with `_` are for proxies and load balancers, and always let
 * through.
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
