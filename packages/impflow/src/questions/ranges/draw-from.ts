import { fold, normals, uniforms, type Key } from '@impflow/core';
import { mixtureLogProbs, type MixtureModel } from '@impflow/flows';
import { drawCategories, unitsOf, valuesAt, type RecordFlow, type Values } from '@impflow/tables';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { treeCodesOf } from './category-cases.ts';
import type { Cells } from './predicate.ts';
import type { Proposal } from './proposal.ts';
import type { Space } from './space.ts';

/** Draws from a proposal. */
export interface Draws {
  /** The points of the base density, `[rows, d]`. */
  readonly points: Float32Array;
  /** Index of the combination of categories of each draw, `[rows]`. */
  readonly cases: Uint32Array;
  /** Importance weight of each draw: the probability of its pair under the model, divided by the one of the proposal. */
  readonly weights: Float64Array;
  /** For each draw, 1 if a solve failed, otherwise 0, `[rows]`. The numbers of the row are then NaN. */
  readonly failed: Uint8Array;
  /** The rows, as values of the model. */
  readonly values: Values;
  /** The rows in the units of the file: see `unitsOf`. */
  readonly cells: Cells;
}

/** The distribution of the model. */
export const MODEL: Proposal = { own: 1, parts: [] };

/** Draws rows from a proposal, with their importance weights. Costs as much as `rows` draws of the model. */
export const drawFrom = (space: Space, { own, parts }: Proposal, rows: number, key: Key): Draws => {
  const { model, conditions, cases, unseen } = space;
  const { spec, layout, flow } = model;
  const d = layout.numbers.length;
  const total = cases.probabilities.reduce((sum, each) => sum + each, 0);
  const prior = cases.probabilities.map((each) => each / total);
  const points = fromBase(flow.base, rows, fold(key, 0));
  const chosen = new Uint32Array(rows);
  const [u, noise] = [uniforms(fold(key, 1), 3 * rows), normals(fold(key, 2), parts.length === 0 ? 0 : rows * d)];
  const cumulative = [prior, ...parts.map((part) => part.cases)].map(cumulated);
  const shares = cumulated(Float64Array.of(own, ...parts.map(({ share }) => share)));
  const components = parts.map(({ mixture }) => cumulated(mixture.weights));
  for (let row = 0; row < rows; row++) {
    // 0 stands for the model, and `k` for the part `k - 1`.
    const from = indexOf(shares, u[3 * row]!);
    chosen[row] = indexOf(cumulative[from]!, u[3 * row + 1]!);
    if (from > 0) {
      const { mixture } = parts[from - 1]!;
      const component = indexOf(components[from - 1]!, u[3 * row + 2]!);
      points.set(pointOf(mixture, component, noise.subarray(row * d, (row + 1) * d)), row * d);
    }
  }
  const categories =
    layout.inTree.length === 0
      ? []
      : drawCategories(
          spec.tree!,
          treeCodesOf(model, conditions, rows, (j) => {
            const i = cases.columns.indexOf(j);
            return i < 0 ? undefined : Array.from(chosen, (at) => cases.codes[i]![at]!);
          }),
          fold(key, 3),
          { unseen },
        );
  const columns = spec.columns.map((column, j) => {
    const place = layout.inTree.indexOf(j);
    return place >= 0 && column.kind === 'category'
      ? Float64Array.from(categories[place]!)
      : new Float64Array(rows).fill(conditions.columns[j]![0]!);
  });
  const { values, failed } = valuesAt(model, { rows, columns, remarks: [] }, points);
  return {
    points,
    cases: chosen,
    weights: weightsOf(flow.base, { own, parts }, prior, points, chosen),
    failed,
    values,
    cells: unitsOf(values, spec.columns, { noisy: true }),
  };
};

type Base = RecordFlow['flow']['base'];

/** Largest number of points in one call of the base density. */
const ROWS = 4096;

const fromBase = (base: Base, rows: number, key: Key): Float32Array => {
  const out = new Float32Array(rows * base.dim);
  for (let from = 0; from < rows; from += ROWS) {
    const count = Math.min(ROWS, rows - from);
    const drawn = tidy(() => base.sample(fold(key, from), count));
    out.set(drawn.dataSync() as Float32Array, from * base.dim);
    drawn.dispose();
  }
  return out;
};

const logBase = (base: Base, points: Float32Array): Float64Array => {
  const out = new Float64Array(points.length / base.dim);
  for (let from = 0; from < out.length; from += ROWS) {
    const count = Math.min(ROWS, out.length - from);
    const part = points.slice(from * base.dim, (from + count) * base.dim);
    const found = tidy(() => base.logProb(tensor(part, [count, base.dim])));
    out.set(found.dataSync() as Float32Array, from);
    found.dispose();
  }
  return out;
};

const weightsOf = (
  base: Base,
  { own, parts }: Proposal,
  prior: Float64Array,
  points: Float32Array,
  chosen: Uint32Array,
): Float64Array => {
  if (parts.length === 0) return new Float64Array(chosen.length).fill(1);
  const logs = logBase(base, points);
  const others = parts.map(({ mixture }) => mixtureLogProbs(mixture, points));
  return Float64Array.from(chosen, (at, row) => {
    // The ratio is computed relative to the model: the densities themselves may be too small for a double.
    const ratio = parts.reduce(
      (sum, part, k) => sum + (part.share * part.cases[at]! * Math.exp(others[k]![row]! - logs[row]!)) / prior[at]!,
      own,
    );
    return logs[row] === -Infinity ? 0 : 1 / ratio;
  });
};

/**
 * Returns a point of a component of a mixture with full covariances, from standard normal numbers `e`: the solution `x`
 * of `A (x - mean) = e`.
 */
const pointOf = ({ dim: d, means, factors }: MixtureModel, k: number, e: Float64Array): Float64Array => {
  const out = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    const line = (k * d + i) * d;
    let rest = e[i]!;
    for (let j = 0; j < i; j++) rest -= factors[line + j]! * out[j]!;
    out[i] = rest / factors[line + i]!;
  }
  return out.map((value, i) => value + means[k * d + i]!);
};

const cumulated = (probabilities: Float64Array): Float64Array => {
  let sum = 0;
  return probabilities.map((each) => (sum += each));
};

/** Returns the first index at which the cumulative probability exceeds `u`, by bisection. */
const indexOf = (cumulative: Float64Array, u: number): number => {
  let [low, high] = [0, cumulative.length - 1];
  const scaled = u * cumulative[high]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > scaled) high = middle;
    else low = middle + 1;
  }
  return low;
};
