import { fold, normals, uniforms, type Key } from '@impflow/core';
import { encodeRows, treeCodes } from '../columns/encode.ts';
import { gapsOf } from '../columns/gaps.ts';
import { codesOf, isTargetCategory } from '../columns/layout.ts';
import type { Values } from '../columns/values.ts';
import { drawCategories } from '../tree/tree-draws.ts';
import type { Approximation } from './approximation.ts';
import { logCategories } from './log-categories.ts';
import { logSumExp, type PartialMixture } from './partial-mixture.ts';

/**
 * Completions of a row (copies whose missing cells are filled), and the log-density of the distribution from which each
 * completion was drawn.
 */
export interface Completions {
  readonly values: Values;
  readonly logProposal: Float64Array;
  /** Whether the list contains every possible completion exactly once. */
  readonly exact: boolean;
}

/** Options of {@link completionsOf}. */
interface CompletionsOptions {
  /** Number of completions to draw. */
  readonly draws: number;
  readonly key: Key;
  /**
   * Whether to list every combination of the missing categories once, instead of drawing. The combinations are listed
   * only if no number is missing and if there are at most 128 combinations.
   */
  readonly enumerate: boolean;
  /**
   * Whether a fifth of the draws of numbers come from a wider distribution than the approximation, as importance
   * sampling needs. `logProposal` is then the log-density of the mixture of both distributions.
   */
  readonly wide: boolean;
  /**
   * Whether a missing category may be filled with the code of categories that training did not see. Set `unseen` to
   * true if a density is computed. Set `unseen` to false if cells are filled, because a filled cell needs the name of
   * its category.
   */
  readonly unseen: boolean;
}

/** Largest number of combinations of missing categories that are listed. */
const MOST_COMBINATIONS = 128;

/**
 * Fills the missing cells of a row by draws from an approximation, given the known cells. With `enumerate`, every
 * combination of categories is listed once if only categories are missing and there are at most 128 combinations.
 * Returns undefined if a condition is missing that was never missing in training.
 */
export const completionsOf = (
  approximation: Approximation,
  values: Values,
  row: number,
  { draws, key, enumerate, wide, unseen }: CompletionsOptions,
): Completions | undefined => {
  const { layout, spec } = approximation;
  const gaps = gapsOf(values, layout, row);
  if (gaps.some((j) => spec.columns[j]!.given === true)) return undefined;
  const own = repeated(values, row, 1);
  const categories = gaps.filter((j) => spec.columns[j]!.kind === 'category');
  const numbers = gaps.flatMap((j) => (spec.columns[j]!.kind === 'number' ? [layout.numbers.indexOf(j)] : []));
  const all = combinationsOf(approximation, own, categories, unseen);
  if (enumerate && numbers.length === 0 && all !== undefined)
    return { values: all, logProposal: new Float64Array(all.rows).fill(-Math.log(all.rows)), exact: true };
  const some =
    all === undefined
      ? drawnCategories(approximation, repeated(own, 0, draws), fold(key, 0), unseen)
      : chosenOf(all, sharesOf(approximation, all, numbers), draws, fold(key, 1));
  return {
    ...(numbers.length === 0 ? some : withNumbers(approximation, some, numbers, { key: fold(key, 2), wide })),
    exact: false,
  };
};

type Drawn = Omit<Completions, 'exact'>;

/** Returns `times` copies of a row. */
const repeated = ({ columns, remarks }: Values, row: number, times: number): Values => ({
  rows: times,
  columns: columns.map((column) => new Float64Array(times).fill(column[row]!)),
  remarks,
});

/**
 * Returns one copy of the row for every combination of its missing categories. Returns undefined if there are too many
 * combinations.
 */
const combinationsOf = (
  { spec }: Approximation,
  own: Values,
  missing: readonly number[],
  unseen: boolean,
): Values | undefined => {
  const sizes = missing.map((j) => codesOf(spec.columns[j]!) - (unseen ? 0 : 1));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count > MOST_COMBINATIONS) return undefined;
  const all = repeated(own, 0, count);
  let each = 1;
  missing.forEach((j, i) => {
    for (let row = 0; row < count; row++) all.columns[j]![row] = Math.floor(row / each) % sizes[i]!;
    each *= sizes[i]!;
  });
  return all;
};

/** Draws the missing categories from the tree of categories, whatever the numbers in the row are. */
const drawnCategories = ({ spec, layout }: Approximation, rows: Values, key: Key, unseen: boolean): Drawn => {
  const known = treeCodes(rows, layout);
  // Conditions are not drawn. The probability of the categories before the draw, and their probability after the draw,
  // are both summed over the missing conditions.
  const drawn = drawCategories(spec.tree!, known, key, { unseen }).map((codes, i) =>
    spec.columns[layout.inTree[i]!]!.given === true ? known[i]! : codes,
  );
  const columns = rows.columns.slice();
  layout.inTree.forEach((j, i) => {
    if (isTargetCategory(spec.columns[j]!)) columns[j] = Float64Array.from(drawn[i]!);
  });
  const before = logCategories(spec, known, rows.rows);
  const logProposal = logCategories(spec, drawn, rows.rows).map((value, i) => value - before[i]!);
  return { values: { ...rows, columns }, logProposal };
};

/**
 * Returns the logarithms of the probabilities with which combinations are drawn. Each probability is proportional to
 * the probability of the categories times the density of the known numbers.
 */
const sharesOf = (approximation: Approximation, all: Values, unknown: readonly number[]): Float64Array => {
  const { spec, layout } = approximation;
  const prior = logCategories(spec, treeCodes(all, layout), all.rows);
  const { partial, restOf } = placed(approximation, all, unknown);
  const logs = prior.map((value, row) => value + partial.logKnown(restOf(row).known));
  const total = logSumExp(logs);
  return logs.map((value) => value - total);
};

const chosenOf = (all: Values, logShares: Float64Array, draws: number, key: Key): Drawn => {
  const chosen = uniforms(key, draws).map((u) => {
    let left = u;
    const found = logShares.findIndex((log) => (left -= Math.exp(log)) < 0);
    return found < 0 ? all.rows - 1 : found;
  });
  return {
    values: { ...all, rows: draws, columns: all.columns.map((column) => chosen.map((row) => column[row]!)) },
    logProposal: chosen.map((row) => logShares[row]!),
  };
};

/** Fills the missing numbers of completions by draws from the approximation. */
const withNumbers = (
  approximation: Approximation,
  { values, logProposal }: Drawn,
  unknown: readonly number[],
  { key, wide }: Pick<CompletionsOptions, 'key' | 'wide'>,
): Drawn => {
  const { layout, maps } = approximation;
  const { partial, restOf } = placed(approximation, values, unknown);
  const columns = values.columns.slice();
  for (const i of unknown) columns[layout.numbers[i]!] = columns[layout.numbers[i]!]!.slice();
  const logs = logProposal.slice();
  const [u, noise] = [uniforms(fold(key, 0), 2 * values.rows), normals(fold(key, 1), unknown.length * values.rows)];
  for (let row = 0; row < values.rows; row++) {
    const { known, center } = restOf(row);
    const conditional = partial.given(known);
    const drawn = conditional.draw(
      u[2 * row]!,
      wide ? u[2 * row + 1]! : 1,
      noise.slice(row * unknown.length, (row + 1) * unknown.length),
    );
    // The density is evaluated at float32 numbers, so the density of the proposal is evaluated at the same float32
    // numbers.
    let slopes = 0;
    const images = drawn.map((rest, k) => {
      const i = unknown[k]!;
      const value = Math.fround(maps[i]!.inverse(rest + center[i]!));
      columns[layout.numbers[i]!]![row] = value;
      const [image, logSlope] = maps[i]!.forward(value);
      slopes += logSlope;
      return image - center[i]!;
    });
    logs[row]! += conditional.logProb(images) + slopes;
  }
  return { values: { ...values, columns }, logProposal: logs };
};

/**
 * Returns the known numbers of rows in the coordinates of the mixture, and the mean of the mapped numbers for each row.
 */
const placed = (
  approximation: Approximation,
  values: Values,
  unknown: readonly number[],
): {
  readonly partial: PartialMixture;
  restOf(row: number): { readonly known: Float64Array; readonly center: Float64Array };
} => {
  const { layout, maps, center, unknown: partialOf } = approximation;
  const size = layout.contextSize;
  const { context } = encodeRows(values, layout);
  const known = layout.numbers.flatMap((_, i) => (unknown.includes(i) ? [] : [i]));
  return {
    partial: partialOf(unknown),
    restOf: (row) => {
      const own = center(context.subarray(row * size, (row + 1) * size));
      return {
        center: own,
        known: Float64Array.from(
          known,
          (i) => maps[i]!.forward(Math.fround(values.columns[layout.numbers[i]!]![row]!))[0] - own[i]!,
        ),
      };
    },
  };
};
