import { FlowError, fold, normal as standardNormal, scoped, uniforms, type Key } from '@impflow/core';
import { add, cast, cumsum, exp, expandDims, gather, less, logSoftmax, logSumExp, minimum, mul, neg, reshape, scalar, square, sub, sum, tensor2d, variable, zeros } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';

export interface MixtureOptions {
  readonly dim: number;
  /** Number of normal components. Default 8. */
  readonly components?: number;
  readonly key: Key;
}

/** A mixture of normals with learnt centres, widths (one per coordinate) and weights. */
export const mixture = ({ dim, components = 8, key }: MixtureOptions): BaseDistribution => {
  if (!(Number.isInteger(components) && components > 0)) {
    throw new FlowError('option', 'flows/mixture', 'Wrong number of components', { expected: 'a positive integer', got: String(components) });
  }
  const centre = scoped(() => variable(standardNormal(fold(key, 0), [components, dim])));
  const logScale = variable(zeros([components, dim]));
  const logits = variable(zeros([components]));
  return Object.freeze<BaseDistribution>({
    name: 'mixture', dim, parameters: { centre, logScale, logits },
    logProb: (z) => {
      const standard = mul(sub(expandDims(z, 1), centre), exp(neg(logScale)));           // [B, K, d]
      const each = sub(sub(-0.5 * dim * Math.log(2 * Math.PI), mul(0.5, sum(square(standard), 2))), sum(logScale, 1));
      return logSumExp(add(each, reshape(logSoftmax(reshape(logits, [1, components])), [components])), 1);
    },
    sample: (draw, rows, temperature = 1) => {
      // Stays on the device: not every backend can be read at once.
      const cumulative = cumsum(exp(logSoftmax(reshape(logits, [1, components]))), 1);
      const u = tensor2d(Float32Array.from(uniforms(fold(draw, 0), rows)), [rows, 1]);
      const index = minimum(sum(cast(less(cumulative, u), 'int32'), 1), scalar(components - 1, 'int32'));
      const noise = mul(standardNormal(fold(draw, 1), [rows, dim]), temperature);
      return add(gather(centre, index), mul(noise, exp(gather(logScale, index))));
    },
  });
};
