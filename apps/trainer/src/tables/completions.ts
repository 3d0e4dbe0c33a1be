import { key } from '@impflow/core';
import { completeRows, impute, pickValues, type KeepRows, type TrainedRecords, type Values } from '@impflow/tables';
import { countingDisplay } from '../terminal/counting.ts';

/** Draws of the missing cells. */
export interface Completions {
  /** The completed rows `[draws][columns]` of each row with gaps, by the index of the row. */
  readonly ofRow: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Number of rows with gaps. */
  readonly gaps: number;
  /**
   * Share of the proposals that the Markov chain of a row accepted, averaged over the filled rows. NaN if no row was
   * filled.
   */
  readonly acceptance: number;
  /**
   * Smallest effective number of independent draws, over all filled rows. NaN if no row was filled.
   */
  readonly smallestEffective: number;
  /**
   * Indices of the rows that are not filled, because a condition is missing or because the known cells have the density
   * 0.
   */
  readonly left: readonly number[];
}

/** Options of {@link completionsOf}. */
interface CompletionOptions {
  readonly draws: number;
  readonly seed: number;
  readonly quiet?: boolean;
  /** Index of the first row: see `impute`. Default 0. */
  readonly first?: number;
  /** Which completed rows are allowed: see `impute`. */
  readonly keep?: KeepRows;
}

/** Number of rows between two updates of the progress display. */
const ROWS = 64;

/** Draws values for the gaps of rows: see `impute`. The draws for a row depend on the seed, its cells and its index. */
export const completionsOf = (
  { density, estimated }: Pick<TrainedRecords, 'density' | 'estimated'>,
  values: Values,
  { draws, seed, quiet = false, first: before = 0, ...keep }: CompletionOptions,
): Completions => {
  const ofRow = new Map<number, (readonly number[])[]>();
  const left: number[] = [];
  let [gaps, filled, accepted, smallestEffective] = [0, 0, 0, NaN];
  const progress = countingDisplay({ done: 'Filled', total: values.rows, quiet });
  for (let first = 0; first < values.rows; first += ROWS) {
    const part = pickValues(
      values,
      Uint32Array.from({ length: Math.min(ROWS, values.rows - first) }, (_, i) => first + i),
    );
    if (completeRows(part, density.layout).length < part.rows) {
      const found = impute(density, part, { draws, key: key(seed), first: before + first, estimated, ...keep });
      const complete = new Set(completeRows(part, density.layout));
      found.row.forEach((row, i) => {
        if (complete.has(row)) return;
        const own = ofRow.get(first + row) ?? [];
        own.push(found.values.columns.map((column) => column[i]!));
        ofRow.set(first + row, own);
      });
      left.push(...found.left.map((row) => first + row));
      gaps += found.gaps;
      const drawn = found.gaps - found.left.length;
      if (drawn > 0) accepted += drawn * found.acceptance;
      filled += drawn;
      smallestEffective = least(smallestEffective, found.smallestEffective);
    }
    progress.update(first + part.rows);
  }
  progress.stop();
  return { ofRow, gaps, acceptance: filled === 0 ? NaN : accepted / filled, smallestEffective, left };
};

/** Returns the smaller of two numbers. If one number is NaN, returns the other number. */
const least = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b));
