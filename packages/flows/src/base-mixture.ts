import { drawNormal, drawUniform, eliminate, FlowError, fold, identity, scoped, shown, type Key } from '@impflow/core';
import {
  add,
  cast,
  cumsum,
  equal,
  exp,
  expandDims,
  gather,
  less,
  logSoftmax,
  logSumExp,
  matMul,
  minimum,
  mul,
  neg,
  range,
  reshape,
  scalar,
  square,
  sub,
  sum,
  tensor,
  variable,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';
import type { MixtureCovariance } from './mixture/mixture-fit.ts';

/** Options of {@link mixtureBase}. */
export interface MixtureOptions {
  /** Number of coordinates `d`. */
  readonly dim: number;
  /** Number of normal components. Default 8. */
  readonly components?: number;
  /**
   * Kind of covariance: `diagonal`, one scale per coordinate and component; `full`, one matrix per component; `tied`,
   * one matrix for all components. Default `diagonal`.
   */
  readonly covariance?: MixtureCovariance;
  /** Random key for the initial centers. */
  readonly key: Key;
}

/**
 * A mixture of normal distributions with learned centers, covariances and weights. {@link assignMixture} writes a
 * fitted mixture into the parameters.
 *
 * @remarks A full covariance is stored as the factor of its inverse, `A = (I + lower) diag(exp(-logScale))`, with
 * `lower` strictly below the diagonal. The factor `A` describes each coordinate as a linear regression on the previous
 * coordinates. The separate scales keep training well conditioned for narrow components. The log-densities of a batch
 * are computed by one batched product with `B K d^2` multiplications. Sampling needs one triangular solve with `d`
 * columns per covariance.
 * @throws `option` if the number of components is not a positive integer, or the kind of covariance is unknown.
 * @see Pourahmadi, Joint mean-covariance models with applications to longitudinal data, 1999, section 2, for the
 * factor.
 */
export const mixtureBase = ({
  dim,
  components = 8,
  covariance = 'diagonal',
  key,
}: MixtureOptions): BaseDistribution => {
  if (!(Number.isInteger(components) && components > 0)) {
    throw new FlowError('option', 'flows/mixtureBase', 'Wrong number of components', {
      expected: 'a positive integer',
      got: shown(components),
    });
  }
  if (!(KINDS as readonly unknown[]).includes(covariance)) {
    throw new FlowError('option', 'flows/mixtureBase', 'Unknown kind of covariance', {
      expected: `one of ${KINDS.join(', ')}`,
      got: shown(covariance),
    });
  }
  const centre = scoped(() => variable(drawNormal(fold(key, 0), [components, dim])));
  const own = covariance === 'tied' ? 1 : components;
  const logScale = scoped(() => variable(zeros([own, dim])));
  const logits = scoped(() => variable(zeros([components])));
  const logWeights = (): Tensor => logSoftmax(reshape(logits, [1, components]));
  /**
   * Draws the component index of each of `rows` samples, int32 `[rows]`. The result stays on the device, because some
   * backends cannot be read synchronously.
   */
  const drawnComponents = (draw: Key, rows: number): Tensor => {
    const u = drawUniform(fold(draw, 0), [rows, 1]);
    return minimum(sum(cast(less(cumsum(exp(logWeights()), 1), u), 'int32'), 1), scalar(components - 1, 'int32'));
  };
  const noise = (draw: Key, rows: number, temperature: number): Tensor =>
    mul(drawNormal(fold(draw, 1), [rows, dim]), temperature);
  const constant = -0.5 * dim * Math.log(2 * Math.PI);

  if (covariance === 'diagonal') {
    return Object.freeze<BaseDistribution>({
      name: 'mixture',
      dim,
      parameters: { centre, logScale, logits },
      logProb: (z) => {
        const standard = mul(sub(expandDims(z, 1), centre), exp(neg(logScale))); // [B, K, d]
        const each = sub(sub(constant, mul(0.5, sum(square(standard), 2))), sum(logScale, 1));
        return logSumExp(add(each, reshape(logWeights(), [components])), 1);
      },
      sample: (draw, rows, temperature = 1) => {
        const index = drawnComponents(draw, rows);
        return add(gather(centre, index), mul(noise(draw, rows, temperature), exp(gather(logScale, index))));
      },
    });
  }

  const lower = scoped(() => variable(zeros([own, dim, dim])));
  const below = Float32Array.from({ length: dim * dim }, (_, at) => (at % dim < Math.floor(at / dim) ? 1 : 0));
  /** Returns `I + lower`, `[K, d, d]`, or `[1, d, d]` for a tied covariance. */
  const triangle = (): Tensor => add(identity(dim), mul(lower, tensor(below, [dim, dim])));
  return Object.freeze<BaseDistribution>({
    name: 'mixture',
    dim,
    parameters: { centre, logScale, logits, lower },
    logProb: (z) => {
      // Subtract the center before the product: a subtraction after the product would lose digits to cancellation.
      const rows = z.shape[0]!;
      const gaps = sub(expandDims(z, 0), expandDims(centre, 1)); // [K, B, d]
      const scaled = mul(reshape(gaps, [own, (components / own) * rows, dim]), exp(neg(expandDims(logScale, 1))));
      const standard = matMul(scaled, triangle(), false, true);
      const distances = reshape(sum(square(standard), 2), [components, rows]);
      const each = sub(sub(constant, mul(0.5, distances)), sum(logScale, 1, true));
      return logSumExp(add(each, reshape(logWeights(), [components, 1])), 0);
    },
    sample: (draw, rows, temperature = 1) => {
      const index = drawnComponents(draw, rows);
      // Returns the Cholesky factors of the covariances. The triangle has a unit diagonal, so elimination needs no
      // pivoting.
      const factors = mul(
        expandDims(exp(logScale), 2),
        eliminate(triangle(), add(identity(dim), zeros([own, 1, 1]))).solution,
      );
      const spread = reshape(matMul(noise(draw, rows, temperature), reshape(factors, [own * dim, dim]), false, true), [
        rows,
        own,
        dim,
      ]);
      // Do not use oneHot: on the wasm backend of TensorFlow.js 4.22, oneHot writes integers into its float32 result.
      const drawn = cast(equal(expandDims(index, 1), range(0, components, 1, 'int32')), 'float32');
      const chosen = own === 1 ? reshape(spread, [rows, dim]) : sum(mul(spread, expandDims(drawn, 2)), 1);
      return add(gather(centre, index), chosen);
    },
  });
};

const KINDS: readonly MixtureCovariance[] = ['diagonal', 'full', 'tied'];
