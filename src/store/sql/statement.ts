import type { Compilable } from 'kysely';
import type { Session, StoreDialect } from './session.ts';

/** Stands for a value while a query is compiled. Each run supplies the value. */
class Placeholder {
  readonly key: string;
  readonly index: number | undefined;
  constructor(key: string, index?: number) {
    this.key = key;
    this.index = index;
  }
}

type Values = Readonly<Record<string, unknown>>;

interface Plan {
  readonly sql: string;
  readonly slots: readonly unknown[];
}

/** Compiled forms kept. Clients repeat few forms; a client that varies them only costs compile time. */
const PLANS_KEPT = 500;

/**
 * A query that is built and compiled once for each form, because building costs more than running. The form
 * consists of the given arguments (undefined ones are not given), the lengths of their lists, and `form`,
 * which holds everything that is not a value, such as a sort order.
 *
 * `build` gets placeholders instead of values: it may check whether an argument is given, but not its value.
 */
export function statement<Args extends object, Row, Form = undefined>(
  build: (dialect: StoreDialect, args: Args, form: Form) => Compilable<Row>,
): (session: Session, args: Args, ...form: Form extends undefined ? [] : [Form]) => Promise<Row[]> {
  const plans = new WeakMap<StoreDialect, Map<string, Plan>>();
  return (session, args, ...rest) => {
    const values = args as Values;
    const form = rest[0] as Form;
    const key = form === undefined ? keyOf(values) : keyOf(values) + JSON.stringify(form);
    let ofDialect = plans.get(session.dialect);
    if (ofDialect === undefined || ofDialect.size > PLANS_KEPT) {
      ofDialect = new Map();
      plans.set(session.dialect, ofDialect);
    }
    let plan = ofDialect.get(key);
    if (plan === undefined) {
      const compiled = build(session.dialect, placeholdersFor(values) as Args, form).compile();
      plan = { sql: compiled.sql, slots: compiled.parameters };
      ofDialect.set(key, plan);
    }
    return session.all({ sql: plan.sql, parameters: fill(plan.slots, values) }) as Promise<Row[]>;
  };
}

function keyOf(values: Values): string {
  let key = '';
  for (const name in values) {
    const value = values[name];
    if (value === undefined) continue;
    key += Array.isArray(value) ? `${name}[${value.length}],` : `${name},`;
  }
  return key;
}

function placeholdersFor(values: Values): Values {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map((_, index) => new Placeholder(key, index)) : new Placeholder(key),
    ]),
  );
}

function fill(slots: readonly unknown[], values: Values): unknown[] {
  return slots.map((slot) => {
    if (!(slot instanceof Placeholder)) return slot;
    const value = values[slot.key];
    return slot.index === undefined ? value : (value as readonly unknown[])[slot.index];
  });
}
