import { fold, normals, uniforms, type Key } from '@impflow/core';
import { encodeRows, treeCodes } from '../columns/encode.ts';
import { gapsOf } from '../columns/gaps.ts';
import { codesOf, isTargetCategory } from '../columns/layout.ts';
import type { Values } from '../columns/values.ts';
import { drawCategories } from '../tree/tree-draws.ts';
import type { Approximation } from './approximation.ts';
import { logCategories } from './log-categories.ts';
import { logSumExp, type PartialMixture } from './partial-mixture.ts';

/** Completions of a row, and the log of the density that they were drawn from. */
export interface Completions {
  readonly values: Values;
  readonly logProposal: Float64Array;
  /** Whether these are all possible completions, each once. */
  readonly exact: boolean;
}

/** Options of {@link completionsOf}. */
interface CompletionsOptions {
  /** Number of completions. */
  readonly draws: number;
  readonly key: Key;
  /**
   * Whether a row with gaps only in categories gets every combination of categories once, if there are at most 128
   * combinations.
   */
  readonly enumerate: boolean;
  /**
   * Whether a fifth of the draws of numbers come from a wider distribution than the approximation, as importance
   * sampling needs. `logProposal` is then the log-density of the widened distribution.
   */
  readonly wide: boolean;
  /**
   * Whether a missing category may be a category that training did not see. True if a density is computed. False if
   * cells are filled, because a filled cell needs the name of its category.
   */
  readonly unseen: boolean;
}

/** Most combinations of missing categories that are enumerated. */
const MOST_COMBINATIONS = 128;

/**
 * Completes a row by draws from an approximation, given the known cells. With `enumerate`, a row with gaps only in
 * categories gets every combination of categories once, if there are at most 128 combinations. Returns undefined for a
 * row whose conditions have gaps that training did not see.
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

/** Repeats a row. */
const repeated = ({ columns, remarks }: Values, row: number, times: number): Values => ({
  rows: times,
  columns: columns.map((column) => new Float64Array(times).fill(column[row]!)),
  remarks,
});

/**
 * Returns a copy of the row for every combination of its missing categories, or undefined if there are too many
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

/** Draws the missing categories from the tree of categories. The known numbers do not affect these draws. */
const drawnCategories = ({ spec, layout }: Approximation, rows: Values, key: Key, unseen: boolean): Drawn => {
  const known = treeCodes(rows, layout);
  // Conditions stay as they are: missing conditions are summed out in both probabilities, before and after the draw.
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
 * Returns the logs of the probabilities with which combinations are drawn. They are the normalized products of the
 * probability of the categories and the density of the known numbers.
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

/** Fills missing numbers by draws from the approximation. */
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
    // The input of the density is float32, so the proposal is evaluated at float32 numbers too.
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

/** Returns the known numbers of rows in the coordinates of the mixture, and the mean of each row. */
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
