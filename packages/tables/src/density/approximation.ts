import { fold, key, normals, uniforms, type Key } from '@impflow/core';
import { chooseMixture, fitRegression } from '@impflow/flows';
import { encodeRows } from '../columns/encode.ts';
import { layoutOf, type Layout } from '../columns/layout.ts';
import type { RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';
import { drawCategories } from '../tree/tree-draws.ts';
import { drawValues } from './draw.ts';
import { elementwiseMaps, type NumberMap } from './elementwise.ts';
import { partialMixture, type PartialMixture } from './partial-mixture.ts';
import type { RecordFlow } from './record-flow.ts';

/**
 * Approximates a density of records by a density whose conditional densities have a closed form. The approximation
 * consists of the tree of categories and a Gaussian mixture. The mixture is the distribution of the mapped numbers (see
 * `maps`) minus their linear regression on the context. The approximation is computed in float64, without tensors.
 */
export interface Approximation {
  /** Spec of the density that the approximation replaces. */
  readonly spec: RecordsSpec;
  /** Positions of the columns in the encoding of a record. */
  readonly layout: Layout;
  /** The monotone maps at the beginning of the flow, one for each target number. */
  readonly maps: readonly NumberMap[];
  /** Returns the mean of the mapped numbers for a context `[m]`, minus the mean of the mixture, `[d]`. */
  center(context: Float32Array): Float64Array;
  /**
   * Returns the mixture of the residuals (mapped numbers minus the regression), in which the coordinates `indices` are
   * unknown.
   */
  unknown(indices: readonly number[]): PartialMixture;
}

/** Number of draws of a model to which an approximation is fitted. */
const DRAWS = 4000;
/** Budget of the choice of the mixture, in nominal seconds: see `chooseMixture`. */
const SECONDS = 1;

const known = new WeakMap<RecordFlow, Approximation>();

/**
 * Returns the approximation of a model. The first call fits the approximation to draws of the model. The fit gives
 * equal results in every process. If the parameters of the model change later, the approximation becomes less
 * efficient, but results stay correct, because all draws are weighted by the exact density.
 */
export const approximationOf = (model: RecordFlow): Approximation => {
  const found =
    known.get(model) ??
    fitApproximation(model.spec, drawValues(model, usualConditions(model), { key: key(0) }), fold(key(0), 1));
  known.set(model, found);
  return found;
};

/** Fits an approximation to rows without missing cells. */
export const fitApproximation = (spec: RecordsSpec, rows: Values, key: Key): Approximation => {
  const layout = layoutOf(spec);
  const [dim, size] = [layout.numbers.length, layout.contextSize];
  const { numbers, context } = encodeRows(rows, layout);
  const maps = elementwiseMaps(spec.flow.blocks, dim);
  const mapped = Float64Array.from(numbers, (value, i) => maps[i % dim]!.forward(value)[0]);
  // If float32 rounds a draw to a bound of its column, the mapped number is infinite.
  const finite = Array.from({ length: rows.rows }, (_, row) => row).filter((row) =>
    mapped.subarray(row * dim, (row + 1) * dim).every(Number.isFinite),
  );
  const gathered = (values: ArrayLike<number>, width: number): Float64Array =>
    Float64Array.from(
      { length: finite.length * width },
      (_, i) => values[finite[Math.floor(i / width)]! * width + (i % width)]!,
    );
  const [targets, contexts] = [gathered(mapped, dim), size === 0 ? new Float64Array(0) : gathered(context, size)];
  const { weight, bias } = fitRegression(targets, contexts, { dim });
  const center = (own: ArrayLike<number>): Float64Array =>
    Float64Array.from(bias, (value, i) => weight[i]!.reduce((sum, each, j) => sum + each * own[j]!, value));
  const rest = targets.slice();
  finite.forEach((_, row) => {
    const own = center(contexts.subarray(row * size, (row + 1) * size));
    for (let i = 0; i < dim; i++) rest[row * dim + i]! -= own[i]!;
  });
  const half = Math.floor(finite.length / 2) * dim;
  const fit = chooseMixture(rest.subarray(0, half), rest.subarray(half), { dim, key, seconds: SECONDS }).mixture();
  const patterns = new Map<string, PartialMixture>();
  return {
    spec,
    layout,
    maps,
    center,
    unknown: (indices) => {
      const name = indices.join();
      const found = patterns.get(name) ?? partialMixture(fit, indices);
      patterns.set(name, found);
      return found;
    },
  };
};

/**
 * Draws conditions for the draws of the model. Categories of the tree are drawn from the tree. All other conditions are
 * drawn independently: a number from a normal distribution, a periodic number or a category from a uniform one. The
 * values that are returned for the targets are not used.
 */
const usualConditions = ({ spec, layout }: RecordFlow): Values => {
  const unknown = layout.inTree.map(() => new Int32Array(DRAWS).fill(-1));
  const categories = spec.tree === undefined ? [] : drawCategories(spec.tree, unknown, fold(key(0), 2));
  const columns = spec.columns.map((column, j) => {
    const own = fold(fold(key(0), 3), j);
    const place = layout.inTree.indexOf(j);
    if (column.kind === 'category')
      return place >= 0
        ? Float64Array.from(categories[place]!)
        : uniforms(own, DRAWS).map((u) => Math.floor(u * column.levels.length));
    const { period, mean = 0, scale = 1 } = column;
    return period === undefined
      ? normals(own, DRAWS).map((each) => mean + scale * each)
      : uniforms(own, DRAWS).map((u) => u * period);
  });
  return { rows: DRAWS, columns, remarks: [] };
};
