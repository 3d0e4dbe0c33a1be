import { assignMixture, type BlockSpec, type FlowSpec } from '@impflow/flows';
import { recordFlow, trainedRecords, type ColumnSpec, type CategoryTree, type TrainedRecords } from '@impflow/tables';

// Densities with closed forms, built from specs, without training.

const normal = { name: 'normal' } as const;

/** Builds a density of the numbers of `columns`, whose context has `context` entries. */
export const exactModel = (
  columns: readonly ColumnSpec[],
  blocks: readonly BlockSpec[],
  {
    tree,
    context = 0,
    tail,
  }: { readonly tree?: CategoryTree; readonly context?: number; readonly tail?: FlowSpec['tail'] } = {},
): TrainedRecords => {
  const dim = columns.filter(({ kind, given }) => kind === 'number' && given !== true).length;
  return trainedRecords(
    recordFlow({
      kind: 'records',
      version: 1,
      columns,
      ...(tree === undefined ? {} : { tree }),
      flow: {
        version: 1,
        dim,
        base: normal,
        blocks,
        ...(context === 0 ? {} : { context }),
        ...(tail === undefined ? {} : { tail }),
      },
    }),
  );
};

/** Two normal numbers with the correlation 0.8: x with mean 10 and deviation 2, y with mean -2 and deviation 0.5. */
export const pair = (): TrainedRecords =>
  exactModel(
    [
      { kind: 'number', name: 'x' },
      { kind: 'number', name: 'y' },
    ],
    [
      { kind: 'standardize', mean: [10, -2], scale: [2, 0.5] },
      {
        kind: 'whiten',
        factor: [
          [1, 0],
          [0.8, 0.6],
        ],
      },
    ],
  );

/** The mixture of {@link mixed}: weights, and means and deviations of both numbers. */
export const COMPONENTS = [
  { weight: 0.7, mean: [0, 0], deviation: [1, 1] },
  { weight: 0.2, mean: [4, -3], deviation: [0.5, 2] },
  { weight: 0.1, mean: [-6, 5], deviation: [1, 0.25] },
] as const;

/** A mixture of three normal components with independent numbers `a` and `b`. */
export const mixed = (): TrainedRecords => {
  const model = recordFlow({
    kind: 'records',
    version: 1,
    columns: [
      { kind: 'number', name: 'a' },
      { kind: 'number', name: 'b' },
    ],
    flow: {
      version: 1,
      dim: 2,
      base: { name: 'mixture', options: { components: 3 } },
      blocks: [{ kind: 'permutation', order: [0, 1] }],
    },
  });
  assignMixture(model.flow.base, {
    dim: 2,
    components: 3,
    covariance: 'diagonal',
    weights: Float64Array.from(COMPONENTS, ({ weight }) => weight),
    means: Float64Array.from(COMPONENTS.flatMap(({ mean }) => [...mean])),
    factors: Float64Array.from(COMPONENTS.flatMap(({ deviation }) => deviation.map((each) => 1 / each))),
  });
  return trainedRecords(model);
};

/** Probabilities of the categories of {@link trees}. The last entry of each list stands for unseen categories. */
export const KINDS = [0.5, 0.3, 0.19, 0.01] as const;
export const WET = [
  [0.2, 0.79, 0.01],
  [0.5, 0.49, 0.01],
  [0.9, 0.09, 0.01],
  [0.4, 0.4, 0.2],
] as const;
/** Means of `size` by kind; `yes` of `wet` adds 1. An unseen category has a mean of 0. The deviation is 1. */
export const SIZES = [5, 7, 12, 0] as const;

/** The broad density of a fitted table, which dominates the probability of very rare events. */
export const TAIL = { weight: 1e-5, scale: 10 } as const;

/** Kinds of trees, whether they stand wet, their size, and a price with a log-normal distribution (median 100, 0.5). */
export const trees = (tail?: FlowSpec['tail']): TrainedRecords =>
  exactModel(
    [
      { kind: 'category', name: 'kind', levels: ['oak', 'ash', 'red elm'] },
      { kind: 'category', name: 'wet', levels: ['yes', 'no'] },
      { kind: 'number', name: 'size' },
      { kind: 'number', name: 'price' },
    ],
    [
      { kind: 'columnMaps', maps: [{ map: 'identity' }, { map: 'log', lower: 0 }] },
      {
        kind: 'regression',
        weight: [
          [5, 7, 12, 1, 0],
          [0, 0, 0, 0, 0],
        ],
        bias: [0, Math.log(100)],
        factor: [
          [1, 0],
          [0, 0.5],
        ],
      },
    ],
    {
      context: 5,
      ...(tail === undefined ? {} : { tail }),
      tree: { sizes: [4, 3], parents: [-1, 0], tables: [[[...KINDS]], WET.map((row) => [...row])] },
    },
  );

/**
 * Columns with rounded values: `count`, whole numbers after an offset of 100 (mean 105, deviation 2); `rain`, of which
 * only 0 is a frequent value (mean 1, deviation 2); `hour`, a periodic number between 0 and 24; `day`, a date.
 */
export const rounded = (): TrainedRecords =>
  exactModel(
    [
      { kind: 'number', name: 'count', offset: 100, resolution: 1 },
      { kind: 'number', name: 'rain', resolution: 0.5, spikes: [0] },
      { kind: 'number', name: 'hour', period: 24, cut: 0 },
      { kind: 'number', name: 'day', date: 'days', resolution: 1, offset: 18_000 },
    ],
    [
      {
        kind: 'columnMaps',
        maps: [{ map: 'identity' }, { map: 'identity' }, { map: 'logit', lower: 0, upper: 24 }, { map: 'identity' }],
      },
      { kind: 'standardize', mean: [5, 1, 0, 10], scale: [2, 2, 1, 3] },
    ],
  );

/** A condition `c`, and a normal number `v` with the mean `2 c` and the deviation 1. */
export const conditional = (): TrainedRecords =>
  exactModel(
    [
      { kind: 'number', name: 'c', given: true },
      { kind: 'number', name: 'v' },
    ],
    [{ kind: 'regression', weight: [[2]], bias: [0], factor: [[1]] }],
    { context: 1 },
  );

/** Returns the integral of a function by Simpson's rule. */
export const integral = (f: (x: number) => number, low: number, high: number, steps = 2000): number => {
  const width = (high - low) / steps;
  let sum = f(low) + f(high);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(low + i * width);
  return (sum * width) / 3;
};

export const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Returns the probability that a standard normal number is between two numbers. */
export const between = (low: number, high: number): number =>
  integral(density, Math.max(-12, Math.min(low, 12)), Math.max(-12, Math.min(high, 12)));

/** Returns the probability that a standard normal number is above a number, with a small relative error. */
export const above = (low: number): number => integral(density, low, low + 12);
