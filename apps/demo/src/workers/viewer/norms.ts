import { key, normals } from '@impflow/core';
import { capsOf } from '@impflow/flows';
import { lanczos } from '@impflow/lipschitz';
import type { LayerNorm } from '../../protocol/viewer.ts';
import type { Model } from './model.ts';
import { throttledYield } from './pieces.ts';

/**
 * Returns two numbers for every layer that has a cap on its norm: the cap, and the operator norm of the weight that the
 * layer applies.
 *
 * @remarks The norm is computed from the weight in float64. The layer's own estimate of the norm is not used. The
 * result is accurate to seven digits. The audit of norms on the command line has equal accuracy, but takes about ten
 * times as long.
 */
export const normsOf = async ({ flow: { parameters, buffers }, spec }: Model): Promise<readonly LayerNorm[]> => {
  const capOf = capsOf(spec);
  const pause = throttledYield();
  const norms: LayerNorm[] = [];
  for (const [name, weight] of Object.entries(parameters)) {
    const path = name.replace(/\.weight$/, '');
    const [u, v] = [buffers[`${path}.u`], buffers[`${path}.v`]];
    if (path === name || u === undefined || v === undefined) continue;
    const cap = capOf(path);
    // The caps of blocks from plugins are not known, so the layers of these blocks are skipped.
    if (!Number.isFinite(cap)) continue;
    await pause();
    const matrix = weight.dataSync<'float32'>();
    // A layer estimates its norm from the vectors `u` and `v`. If the estimate exceeds the cap, the layer divides its
    // weight by the ratio of estimate and cap.
    const divisor = Math.max(1, bilinear(u.dataSync<'float32'>(), matrix, v.dataSync<'float32'>()) / cap);
    norms.push({ path, norm: normOf(matrix, u.size, v.size) / divisor, cap });
  }
  return norms;
};

const normOf = (matrix: ArrayLike<number>, rows: number, columns: number): number =>
  lanczos(
    { matrix, u: new Float64Array(rows), v: unit(Float64Array.from(normals(key(1), columns))) },
    { tolerance: 1e-7 },
  );

/** Computes `u^T W v` for a row-major matrix `W`. */
const bilinear = (u: ArrayLike<number>, matrix: ArrayLike<number>, v: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0, at = 0; i < u.length; i++) {
    let row = 0;
    for (let j = 0; j < v.length; j++) row += matrix[at++]! * v[j]!;
    total += u[i]! * row;
  }
  return total;
};

const unit = (x: Float64Array): Float64Array => {
  const length = Math.sqrt(x.reduce((sum, entry) => sum + entry * entry, 0));
  return x.map((entry) => entry / length);
};
