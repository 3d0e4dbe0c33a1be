import { FlowError } from '@impflow/core';
import { columnMapAt, fitRegression, tabularPreset, type PresetOptions } from '@impflow/flows';
import type { FittedColumns } from '../columns/fit-columns.ts';
import { codesOf, isInTree, isTargetCategory, layoutOf } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { fitCategoryTree } from '../tree/tree-fit.ts';
import { encodeRows, treeCodes } from './encode.ts';

/** Choices of {@link recordsSpec}: those of `tabularPreset` that do not follow from the rows. */
export interface RecordsOptions extends Omit<
  PresetOptions,
  'dim' | 'context' | 'scaling' | 'whitening' | 'quantiles' | 'maps' | 'regression' | 'conditionalAffine'
> {
  /** Weight of each training row, `[rows]`. Default: the same for all. */
  readonly weights?: Float64Array;
}

/** Widths of the net that shifts and scales the numbers by their conditions. */
const CONDITIONAL_HIDDEN = [64, 64] as const;

/**
 * Nets of a density that depends on numbers. The default activation of sandwich nets is periodic, and so learns waves
 * along the conditions that fresh rows do not have: see docs/decisions/022-records.md.
 */
const SMOOTH = { net: 'sandwich', activation: { name: 'tanh' } } as const;

/** Whether `tabularPreset` chooses the nets. */
const takesDefaultNets = ({ model, net, activation }: RecordsOptions): boolean =>
  activation === undefined && model !== 'coupling' && (net === undefined || net === 'sandwich');

/**
 * The spec of a density of records: the tree of the categories, the standardization of the numbers, and their linear
 * regression on the context, which the flow begins from.
 *
 * @param fitted What `fitColumns` found in the training rows.
 * @param train Training rows without gaps, with their noise. At least two of positive weight.
 * @remarks Takes the time of `fitCategoryTree` and `fitRegression`.
 * @throws `input` for too few rows, a gap, or a column of numbers with one value in all rows; `option` for wrong weights.
 */
export const recordsSpec = (
  { columns, maps }: FittedColumns,
  train: Values,
  { weights, ...choices }: RecordsOptions = {},
): RecordsSpec => {
  checkWeights(weights, train.rows);
  const inTree = columns.some(isTargetCategory) ? columns.filter(isInTree) : [];
  // Placed first with an empty tree, so that the layout finds the columns of the tree to fit.
  const empty = { sizes: [], parents: [], tables: [] };
  const layout = layoutOf({ columns, ...(inTree.length === 0 ? {} : { tree: empty }) });
  const { numbers, context } = encodeRows(train, layout);
  const dim = maps.length;
  const functions = maps.map(columnMapAt);
  const mapped = Float64Array.from(numbers, (value, i) => functions[i % dim]!(value).value);
  const scaling = scalingOf(
    mapped,
    layout.numbers.map((j) => columns[j]!.name),
    weights,
  );
  const standardized = mapped.map((value, i) => (value - scaling.mean[i % dim]!) / scaling.scale[i % dim]!);
  const tree =
    inTree.length === 0
      ? undefined
      : fitCategoryTree(
          treeCodes(train, layout),
          inTree.map(codesOf),
          weights === undefined ? {} : { weights: asCopies(weights) },
        );
  const conditional = layout.contextSize > 0;
  const seesNumbers = columns.some(({ kind, given }) => kind === 'number' && given === true);
  return {
    kind: 'records',
    version: 1,
    columns,
    ...(tree === undefined ? {} : { tree }),
    flow: tabularPreset({
      dim,
      scaling,
      ...(maps.every(({ map }) => map === 'identity') ? {} : { maps }),
      ...(conditional
        ? {
            context: layout.contextSize,
            regression: fitRegression(standardized, Float64Array.from(context), {
              dim,
              ...(weights === undefined ? {} : { weights }),
            }),
            conditionalAffine: CONDITIONAL_HIDDEN,
          }
        : {}),
      ...(seesNumbers && takesDefaultNets(choices) ? SMOOTH : {}),
      ...choices,
    }),
  };
};

const AT = 'tables/recordsSpec';

const checkWeights = (weights: Float64Array | undefined, rows: number): void => {
  if (rows < 2)
    throw new FlowError('input', AT, 'Too few training rows without gaps', {
      expected: 'at least 2',
      got: String(rows),
      hint: 'Give more rows, or fill the gaps.',
    });
  if (weights === undefined) return;
  const right = weights.length === rows && weights.every((each) => each >= 0 && each < Infinity);
  if (!right || !weights.some((each) => each > 0))
    throw new FlowError('option', AT, 'Wrong weights', {
      expected: `${rows} finite numbers of at least 0, not all 0`,
      got: weights.length === rows ? 'others' : `${weights.length} numbers`,
      hint: 'Give one weight for each training row.',
    });
};

/** Weighted mean and standard deviation of each column of `[rows, columns]`. */
const scalingOf = (
  values: Float64Array,
  names: readonly string[],
  weights?: Float64Array,
): { readonly mean: readonly number[]; readonly scale: readonly number[] } => {
  const rows = values.length / names.length;
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  let total = 0;
  for (let row = 0; row < rows; row++) total += weightOf(row);
  const average = (of: (row: number) => number): number => {
    let sum = 0;
    // A row without weight may hold anything.
    for (let row = 0; row < rows; row++) if (weightOf(row) > 0) sum += (weightOf(row) / total) * of(row);
    return sum;
  };
  const mean = names.map((_, j) => average((row) => values[row * names.length + j]!));
  const scale = names.map((_, j) => Math.sqrt(average((row) => (values[row * names.length + j]! - mean[j]!) ** 2)));
  const wrong = scale.findIndex((value, j) => !(value > 1e-12 * Math.abs(mean[j]!) && value < Infinity));
  if (wrong < 0) return { mean, scale };
  const isGap = Number.isNaN(scale[wrong]);
  throw new FlowError('input', AT, `Nothing to learn in the column "${names[wrong]!}"`, {
    expected: 'different values in the training rows without gaps',
    got:
      total > 0 && isGap ? 'a gap' : total > 0 ? `${mean[wrong]!} in every row, after its map` : 'no row that counts',
    hint: total > 0 && isGap ? 'Fill it, or leave its row out.' : `Leave the column out: ${names[wrong]!}`,
  });
};

/** Weights that add up to the number of equally weighted rows that they are worth, `(sum w)^2 / sum w^2`. */
const asCopies = (weights: Float64Array): Float64Array => {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return weights.map((weight) => (weight * sum) / squares);
};
