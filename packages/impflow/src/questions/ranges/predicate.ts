/** Numbers between two ends, which may be infinite. */
export interface Interval {
  /** Lower end, or -Infinity. */
  readonly low: number;
  /** Upper end, or Infinity. */
  readonly high: number;
  /** Whether the lower end belongs to the interval. */
  readonly withLow: boolean;
  /** Whether the upper end belongs to the interval. */
  readonly withHigh: boolean;
}

/**
 * An event on the columns of a model, without `not`: a negated test has `outside` set. The cells of a row are numbers in
 * the units of the file, and codes of categories: see `unitsOf`.
 */
export type Predicate =
  | {
      readonly kind: 'number';
      readonly column: number;
      /** The number is in one of these intervals. */
      readonly intervals: readonly Interval[];
      /** Whether the number is instead in none of the intervals. */
      readonly outside: boolean;
    }
  | {
      readonly kind: 'category';
      readonly column: number;
      readonly codes: ReadonlySet<number>;
      readonly outside: boolean;
    }
  | { readonly kind: 'and'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'or'; readonly parts: readonly Predicate[] };

/** Cells of rows, `[columns][rows]`. NaN marks an unknown cell. */
export type Cells = readonly Float64Array[];

/** Returns the opposite event. */
export const negated = (predicate: Predicate): Predicate =>
  predicate.kind === 'and' || predicate.kind === 'or'
    ? { kind: predicate.kind === 'and' ? 'or' : 'and', parts: predicate.parts.map(negated) }
    : { ...predicate, outside: !predicate.outside };

/** Returns the event that all given events hold. Undefined stands for the event that always holds. */
export const allOf = (...predicates: readonly (Predicate | undefined)[]): Predicate | undefined => {
  const parts = predicates.filter((part) => part !== undefined);
  return parts.length <= 1 ? parts[0] : { kind: 'and', parts };
};

/** Largest number of alternatives of an event. */
const MOST_ALTERNATIVES = 4;

/**
 * Returns alternatives of which an event is the union, such as both tails of `not (x between 1 and 2)`. Returns the event
 * itself if there would be more than four.
 */
export const alternativesOf = (predicate: Predicate): readonly Predicate[] => {
  const found = dividedBy(predicate);
  return found.length <= MOST_ALTERNATIVES ? found : [predicate];
};

const dividedBy = (predicate: Predicate): readonly Predicate[] => {
  if (predicate.kind === 'category') return [predicate];
  if (predicate.kind === 'or') return predicate.parts.flatMap(alternativesOf);
  if (predicate.kind === 'and') {
    let all: readonly Predicate[] = [{ kind: 'and', parts: [] }];
    for (const part of predicate.parts.map(alternativesOf)) {
      // Each part multiplies the number of alternatives.
      if (all.length * part.length > MOST_ALTERNATIVES) return [predicate];
      all = all.flatMap((one) => part.map((other) => allOf(one, other)!));
    }
    return all;
  }
  const { intervals, outside } = predicate;
  if (!outside) return intervals.map((interval) => ({ ...predicate, intervals: [interval] }));
  const [only] = intervals;
  if (intervals.length > 1 || only!.low === -Infinity || only!.high === Infinity) return [predicate];
  const { low, high, withLow, withHigh } = only!;
  const tail = (interval: Interval): Predicate => ({ ...predicate, intervals: [interval], outside: false });
  return [
    tail({ low: -Infinity, high: low, withLow: true, withHigh: !withLow }),
    tail({ low: high, high: Infinity, withLow: !withHigh, withHigh: true }),
  ];
};

/** Returns the indices of the columns of a kind that an event names. */
export const columnsIn = (predicate: Predicate | undefined, kind: 'number' | 'category'): readonly number[] => {
  if (predicate === undefined) return [];
  if (predicate.kind === 'and' || predicate.kind === 'or')
    return [...new Set(predicate.parts.flatMap((part) => columnsIn(part, kind)))];
  return predicate.kind === kind ? [predicate.column] : [];
};

const contains = ({ low, high, withLow, withHigh }: Interval, value: number): boolean =>
  (value > low || (withLow && value === low)) && (value < high || (withHigh && value === high));

/**
 * Whether a row fulfils an event. Returns undefined if this depends on an unknown cell (the three-valued logic of
 * Kleene, as in SQL).
 */
export const holds = (predicate: Predicate | undefined, cells: Cells, row: number): boolean | undefined => {
  if (predicate === undefined) return true;
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    const decisive = predicate.kind === 'or';
    let isOpen = false;
    for (const part of predicate.parts) {
      const found = holds(part, cells, row);
      if (found === decisive) return decisive;
      if (found === undefined) isOpen = true;
    }
    return isOpen ? undefined : !decisive;
  }
  const value = cells[predicate.column]![row]!;
  if (Number.isNaN(value)) return undefined;
  const isInside =
    predicate.kind === 'category'
      ? predicate.codes.has(value)
      : predicate.intervals.some((interval) => contains(interval, value));
  return isInside !== predicate.outside;
};

/**
 * Returns how far a row is from fulfilling an event: 0 exactly if the event holds, otherwise a positive number, in units
 * of `scales` `[columns]`. Infinity if a category does not fit. For `and`, the distance is the largest distance of the
 * parts; for `or`, the smallest.
 */
export const distance = (predicate: Predicate, cells: Cells, row: number, scales: ArrayLike<number>): number => {
  if (holds(predicate, cells, row) === true) return 0;
  if (predicate.kind === 'category') return Infinity;
  if (predicate.kind !== 'number') {
    const parts = predicate.parts.map((part) => distance(part, cells, row, scales));
    return predicate.kind === 'and' ? Math.max(...parts) : Math.min(...parts);
  }
  const value = cells[predicate.column]![row]!;
  if (Number.isNaN(value)) return Infinity;
  const ways = predicate.intervals.map(({ low, high }) =>
    predicate.outside
      ? value < low || value > high
        ? Infinity
        : Math.min(value - low, high - value)
      : Math.max(low - value, value - high),
  );
  // A distance of 0 at an end that does not belong to the interval is replaced, because the event does not hold there.
  return Math.max(Math.min(...ways) / scales[predicate.column]!, Number.MIN_VALUE);
};
