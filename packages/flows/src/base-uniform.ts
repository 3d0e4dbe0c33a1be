import { drawUniform, offTape, scoped } from '@impflow/core';
import { abs, add, lessEqual, log, max, mul, cast } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';

/**
 * The uniform distribution on the cube `[-1, 1]^dim`. Outside the cube, `log p` is `-Infinity`. Use this base for flows
 * whose output lies in the cube: the gradient of `log p` is zero, so training cannot move rows into the cube.
 */
export const uniformBase = ({ dim }: { readonly dim: number }): BaseDistribution =>
  Object.freeze<BaseDistribution>({
    name: 'uniform',
    dim,
    parameters: {},
    // Computed without recording gradients: the log-density is constant almost everywhere, and tfjs has no gradient of
    // a comparison.
    logProb: (z) =>
      offTape(() => scoped(() => add(log(cast(lessEqual(max(abs(z), 1), 1), 'float32')), -dim * Math.LN2))),
    sample: (key, rows, temperature = 1) => mul(drawUniform(key, [rows, dim], -1, 1), temperature),
  });
