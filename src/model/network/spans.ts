/** Addresses from `first` to `last`, both included, as numbers. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

export function contains(span: Span, value: bigint): boolean {
  return span.first <= value && value <= span.last;
}

export function overlaps(one: Span, other: Span): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** What is left of a span without others. */
export function without(span: Span, others: readonly Span[]): Span[] {
  const left: Span[] = [];
  let { first } = span;
  for (const other of others.toSorted(byFirst)) {
    if (!overlaps({ first, last: span.last }, other)) continue;
    if (first < other.first) left.push({ first, last: other.first - 1n });
    first = other.last + 1n;
  }
  if (first <= span.last) left.push({ first, last: span.last });
  return left;
}

/** The parts of a span that others have too. The others do not overlap. */
export function within(span: Span, others: readonly Span[]): Span[] {
  return others
    .filter((other) => overlaps(span, other))
    .toSorted(byFirst)
    .map((other) => {
      const ends = { ...span };
      if (other.first > span.first) ends.first = other.first;
      if (other.last < span.last) ends.last = other.last;
      return ends;
    });
}

/** Cuts a span into at most `parts`, each of at most `size`; the last part takes the rest. */
export function cut(span: Span, { parts, size }: { readonly parts: number; readonly size: bigint }): Span[] {
  const total = span.last - span.first + 1n;
  const even = (total + BigInt(parts) - 1n) / BigInt(parts);
  const each = even < size ? even : size;
  const cuts: Span[] = [];
  let { first } = span;
  while (cuts.length < parts - 1 && first + each <= span.last) {
    cuts.push({ first, last: first + each - 1n });
    first += each;
  }
  cuts.push({ first, last: span.last });
  return cuts;
}

function byFirst(one: Span, other: Span): number {
  return one.first < other.first ? -1 : Number(one.first > other.first);
}
