import { FlowError, shown } from '@impflow/core';
import {
  firstBlocks,
  fitRegression,
  tabularPreset,
  type BlockSpec,
  type FlowSpec,
  type PresetOptions,
} from '@impflow/flows';
import { encodeRows, treeCodes } from '../columns/encode.ts';
import type { FittedColumns } from '../columns/fit-columns.ts';
import { codesOf, isInTree, isTargetCategory, layoutOf } from '../columns/layout.ts';
import { fitQuantiles } from '../columns/quantiles.ts';
import { fitScaling } from '../columns/scaling.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { fitWhitening } from '../columns/whitening.ts';
import { fitCategoryTree } from '../tree/tree-fit.ts';
import { isConstant, stepOf } from './constant-blocks.ts';

/**
 * Options of {@link recordsSpec}. The options include all options of `tabularPreset` that are not computed from the
 * training rows.
 */
export interface RecordsOptions extends Omit<
  PresetOptions,
  'dim' | 'context' | 'scaling' | 'whitening' | 'quantiles' | 'maps' | 'regression' | 'conditionalAffine'
> {
  /** Weight of each training row, `[rows]`. Default: all rows have equal weight. */
  readonly weights?: Float64Array;
  /**
   * Transformation of the numbers, after the maps of the columns and before the trained blocks. `standard`: mean 0 and
   * standard deviation 1. `whitened`: mean 0, standard deviation 1 and no correlations. `quantiles`: each column
   * becomes nearly normal. `none`: no transformation. `whitened` and `quantiles` ignore the weights of the rows.
   * Default `standard`.
   */
  readonly scaling?: ScalingMethod;
  /** Function that returns the spec of the flow. Default `tabularPreset`. */
  readonly preset?: (options: PresetOptions) => FlowSpec;
}

/** Name of a transformation of the numbers: see {@link RecordsOptions}. */
export type ScalingMethod = 'none' | 'standard' | 'whitened' | 'quantiles';

/** Widths of the hidden layers of the net that maps the context to shifts and scales of the numbers. */
const CONDITIONAL_HIDDEN = [64, 64] as const;

/**
 * Default nets of a density whose context contains numbers. With the default activation of sandwich nets, which is
 * periodic, the learned density would oscillate along the conditions, although the true density does not: see
 * docs/decisions/022-records.md.
 */
const SMOOTH = { net: 'sandwich', activation: { name: 'tanh' } } as const;

/** Whether a density with numeric conditions gets the nets in `SMOOTH`: no other nets and no activation are given. */
const takesDefaultNets = ({ model, net, activation }: RecordsOptions): boolean =>
  activation === undefined && model !== 'coupling' && (net === undefined || net === 'sandwich');

/**
 * Fits the spec of a density of records: the tree of categories, the standardization of the numbers, and the linear
 * regression of the numbers on the context. The initial density of the flow is given by this regression, with normally
 * distributed residuals.
 *
 * @param fitted The result of `fitColumns` for the training rows.
 * @param train Training rows without missing cells, with noise (see `withNoise`). At least two rows must have a
 * positive weight.
 * @remarks Takes as much time as `fitCategoryTree` and `fitRegression` together.
 * @throws `input` for too few rows, a missing cell, or a column of numbers that is constant; `option` for wrong
 * weights.
 */
export const recordsSpec = (
  { columns, maps }: FittedColumns,
  train: Values,
  { weights, scaling: method = 'standard', preset = tabularPreset, ...choices }: RecordsOptions = {},
): RecordsSpec => {
  checkWeights(weights, train.rows);
  const inTree = columns.some(isTargetCategory) ? columns.filter(isInTree) : [];
  // The layout is computed with an empty tree, because the tree is fitted later. The layout then contains the columns
  // of the tree.
  const empty = { sizes: [], parents: [], tables: [] };
  const layout = layoutOf({ columns, ...(inTree.length === 0 ? {} : { tree: empty }) });
  const { numbers, context } = encodeRows(train, layout);
  const dim = maps.length;
  const mapped = mapRows(numbers, dim, [{ kind: 'columnMaps', maps }]);
  const names = layout.numbers.map((j) => columns[j]!.name);
  const table = { rows: train.rows, columns: names, values: mapped, source: 'the training rows' };
  const scaling = fitScaling(table, weights);
  const scale: Pick<PresetOptions, 'scaling' | 'whitening' | 'quantiles'> =
    method === 'none'
      ? {}
      : method === 'quantiles'
        ? { quantiles: fitQuantiles(table) }
        : { scaling, ...(method === 'whitened' ? { whitening: fitWhitening(table, scaling) } : {}) };
  const scaled = mapRows(mapped, dim, firstBlocks(scale));
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
    flow: preset({
      dim,
      ...scale,
      ...(maps.every(({ map }) => map === 'identity') ? {} : { maps }),
      ...(conditional
        ? {
            context: layout.contextSize,
            regression: fitRegression(scaled, Float64Array.from(context), {
              dim,
              ...(weights === undefined ? {} : { weights }),
            }),
            conditionalAffine: CONDITIONAL_HIDDEN,
          }
        : {}),
      ...(seesNumbers && takesDefaultNets(choices) ? SMOOTH : {}),
      ...choices,
      // A flow with a context is initialized as the regression, so the first batch must not initialize any parameters.
      ...(conditional ? { actNorm: false } : {}),
    }),
  };
};

/** Applies the constant blocks of a list to rows `[rows, dim]`. Blocks with trained parameters are skipped. */
const mapRows = (values: ArrayLike<number>, dim: number, blocks: readonly BlockSpec[]): Float64Array => {
  const out = Float64Array.from(values);
  const steps = blocks.filter(isConstant).map(stepOf);
  for (let at = 0; at < out.length; at += dim) for (const step of steps) step(out.subarray(at, at + dim));
  return out;
};

const AT = 'tables/recordsSpec';

const checkWeights = (weights: Float64Array | undefined, rows: number): void => {
  if (rows < 2)
    throw new FlowError('input', AT, 'Too few training rows without gaps', {
      expected: 'at least 2',
      got: shown(rows),
      hint: 'Give more rows, or fill the missing cells.',
    });
  if (weights === undefined) return;
  const right = weights.length === rows && weights.every((each) => each >= 0 && each < Infinity);
  if (!right || !weights.some((each) => each > 0))
    throw new FlowError('option', AT, 'Wrong weights', {
      expected: `${rows} finite numbers of at least 0, not all 0`,
      got: weights.length === rows ? 'other numbers' : `${weights.length} numbers`,
      hint: 'Give one weight for each training row.',
    });
};

/** Scales the weights of rows so that their sum is the effective number of rows, `(sum w)^2 / sum w^2`. */
const asCopies = (weights: Float64Array): Float64Array => {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return weights.map((weight) => (weight * sum) / squares);
};
