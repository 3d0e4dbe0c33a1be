import { drawPermutation, fold, uniforms, type Key } from '@impflow/core';

/** Chooses rows with probabilities proportional to their weights (systematic resampling), in random order. */
export const resample = (weights: Float64Array, count: number, key: Key): Uint32Array => {
  const step = weights.reduce((sum, weight) => sum + weight, 0) / count;
  const chosen = new Uint32Array(count);
  let [sum, next] = [0, uniforms(fold(key, 0), 1)[0]! * step];
  let at = 0;
  weights.forEach((weight, row) => {
    sum += weight;
    for (; at < count && next < sum; next += step) chosen[at++] = row;
  });
  chosen.fill(weights.length - 1, at);
  return drawPermutation(fold(key, 1), count).map((i) => chosen[i]!);
};

/** Returns the effective number of independent draws among draws with the weights `w`: `(sum w)^2 / sum w^2`. */
export const effectiveOf = (weights: Float64Array): number => {
  const sum = weights.reduce((all, each) => all + each, 0);
  const squares = weights.reduce((all, each) => all + each * each, 0);
  return squares === 0 ? 0 : sum ** 2 / squares;
};
