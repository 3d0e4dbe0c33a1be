import { FlowError, fold, normals, scoped, uniform, type Key, type RefreshOptions } from '@impflow/core';
import {
  add, cast, div, dispose, greater, keep, matMul, maximum, mul, ones, reshape, sub, sum, tensor1d, transpose, variable, zeros, type Tensor, type Variable,
} from '@tensorflow/tfjs-core';
import { lanczos } from './lanczos.ts';
import type { Layer } from './layer.ts';
import { powerIteration } from './power-iteration.ts';

export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly key: Key;
  /** The cap `c > 0` on the operator norm. Default 0.97. */
  readonly coeff?: number;
  /** Start as the zero map. Default false: uniform in `+-1 / sqrt(inputs)`. */
  readonly zero?: boolean;
}

/**
 * `x W_c^T + b` with `W_c = W / max(1, sigma / c)` and `sigma = u^T W v`: its spectral norm never exceeds `c` once the power
 * iteration that keeps `u` and `v` has converged. The gradient flows through `sigma`; `u` and `v` are constants to it.
 *
 * @remarks `W` is `[outputs, inputs]`. The capped weight is computed once per value of the parameters. `refresh` with a
 * count runs power iteration, which tracks the norm of a weight in training but may lag behind it; with a `tolerance` it runs
 * {@link lanczos}, after which the true norm is at most `c (1 + 1e-3)` for a tolerance of 1e-5.
 * @see Gouk, Frank, Pfahringer, Cree, Regularisation of Neural Networks by Enforcing Lipschitz Continuity, 2018 (arXiv:1804.04368).
 */
export const dense = ({ inputs, outputs, key, coeff = 0.97, zero = false }: DenseOptions): Layer => {
  if (!(coeff > 0)) throw new FlowError('option', 'lipschitz/dense', 'Wrong Lipschitz coefficient', { expected: 'a positive number', got: String(coeff) });
  const bound = 1 / Math.sqrt(inputs);
  const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
  const weight = own(() => zero ? zeros([outputs, inputs]) : uniform(fold(key, 0), [outputs, inputs], -bound, bound));
  const bias = own(() => zero ? zeros([outputs]) : uniform(fold(key, 1), [outputs], -bound, bound));
  const u = own(() => unitVector(fold(key, 2), outputs));
  const v = own(() => unitVector(fold(key, 3), inputs));
  const refresh = (options: RefreshOptions = {}): void => {
    const iterate = { matrix: weight.dataSync(), u: Float64Array.from(u.dataSync()), v: Float64Array.from(v.dataSync()) };
    (options.tolerance === undefined ? powerIteration : lanczos)(iterate, options);
    assign(u, iterate.u);
    assign(v, iterate.v);
  };
  refresh({ tolerance: 1e-5 });

  let memo: Capped | undefined;
  /** The capped weight for the present values of `W`, `u` and `v`, whose identity tfjs tells by their data ids. */
  const capped = (): Capped => {
    const ids = [weight.dataId, u.dataId, v.dataId];
    if (memo !== undefined && !memo.scaled.isDisposed && ids.every((id, i) => id === memo!.ids[i])) return memo;
    if (memo !== undefined) dispose([memo.scaled, memo.transposed, memo.sigma]);
    memo = scoped(() => {
      const sigma = reshape(matMul(matMul(reshape(u, [1, outputs]), weight), reshape(v, [inputs, 1])), []);
      const scaled = mul(weight, div(coeff, maximum(sigma, coeff)));
      return { ids, sigma: keep(sigma), scaled: keep(scaled), transposed: keep(transpose(scaled)) };
    });
    return memo;
  };

  return Object.freeze<Layer>({
    name: 'dense',
    lipschitz: coeff,
    parameters: { weight, bias },
    buffers: { u, v },
    value: (x) => add(matMul(x, capped().transposed), bias),
    trace: (x) => {
      const { scaled, transposed, sigma } = capped();
      return { value: add(matMul(x, transposed), bias), saved: { x, scaled, transposed, sigma, weight, u, v } };
    },
    jvp: ({ saved }, t) => matMul(t, saved['transposed']!),
    vjp: ({ saved }, w) => matMul(w, saved['scaled']!),
    pullback: ({ saved }, cotangent, pairs) => {
      const { x, scaled, sigma, weight: w, u: left, v: right } = saved as Record<'x' | 'scaled' | 'sigma' | 'weight' | 'u' | 'v', Tensor>;
      // Products with a transpose flag are slow in tfjs-wasm; transposing first is not.
      const outer = (of: Tensor, with_: Tensor): Tensor => matMul(transpose(of), with_);
      const direct = pairs.reduce((total, pair) => add(total, outer(pair.cotangent, pair.tangent)), outer(cotangent, x));
      // d W_c = (c / sigma) (dW - W (u^T dW v) / sigma) where the cap binds, dW elsewhere.
      const binds = cast(greater(sigma, coeff), 'float32');
      const factor = div(coeff, maximum(sigma, coeff));
      const correction = mul(mul(binds, div(factor, maximum(sigma, coeff))), sum(mul(direct, w)));
      return {
        x: matMul(cotangent, scaled),
        tangents: pairs.map((pair) => matMul(pair.cotangent, scaled)),
        parameters: [
          sub(mul(direct, factor), mul(correction, matMul(reshape(left, [outputs, 1]), reshape(right, [1, inputs])))),
          reshape(matMul(ones([1, cotangent.shape[0]!]), cotangent), [-1]),
        ],
      };
    },
    refresh,
  });
};

interface Capped {
  readonly ids: readonly object[];
  readonly sigma: Tensor;
  readonly scaled: Tensor;
  readonly transposed: Tensor;
}

const unitVector = (key: Key, size: number): Tensor => {
  const draw = normals(key, size);
  const norm = Math.hypot(...draw);
  return tensor1d(Float32Array.from(draw, (x) => x / norm));
};

const assign = (target: Variable, values: Float64Array): void => {
  const next = tensor1d(Float32Array.from(values));
  target.assign(next);
  next.dispose();
};
