import { kernel, type FusedKernel, type NamedTensors } from '@impflow/core';
import { add, mul, sum, Tensor } from '@tensorflow/tfjs-core';
import type { ActivationPart, Layer, TangentCotangents } from './layer.ts';

/** Result of the function `evaluate` of an activation. All tensors of the result are kept until the backward pass. */
export interface Evaluated extends NamedTensors {
  /** Value `s(a)` of the activation, shaped as `a`. */
  readonly value: Tensor;
  /** Derivative `s'(a)` of the activation, shaped as `a`. */
  readonly slope: Tensor;
}

/**
 * The product `scale * factor` of a number and a tensor, stored as its two factors. Storing the factors saves a pass
 * over the tensor.
 */
export interface Scaled {
  /** The factor that is a number. Default 1. */
  readonly scale?: number;
  /** The factor that is a tensor, shaped as the argument `a` of the activation. */
  readonly factor: Tensor;
}

/** An activation `s`, defined by its value and derivatives. */
export interface ElementwiseSpec<E extends Evaluated = Evaluated> {
  /** Name of the activation in error messages. */
  readonly name: string;
  /** Lipschitz constant, `sup |s'|`. */
  readonly lipschitz: number;
  /** Whether `0 <= s'(a) <= 1` for every `a`. Default false. */
  readonly monotone?: boolean;
  /** Trainable variables by name. Default: none. */
  readonly parameters?: NamedTensors;
  /**
   * Name and parameter by which fused kernels select the activation. Default: fused kernels do not support the
   * activation.
   */
  readonly part?: Omit<ActivationPart, 'kind'>;
  /** Returns `s(a)`, its first derivative, and further tensors that the second derivative can use. */
  evaluate(a: Tensor): E;
  /**
   * Returns the second derivative `s''(a)`. Leave `curvature` out if the second derivative is zero almost everywhere.
   */
  curvature?(saved: E): Tensor | Scaled;
  /** Gradients of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` with respect to the parameters; `moment` is `sum_k t_k w_k`. */
  parameterGradients?(saved: E, cotangent: Tensor, moment: Tensor | undefined): readonly Tensor[];
}

/**
 * Multiplies each tangent by the slope of the activation, `t_k s'`: `tangents [K, B, n]`, `slope [B, n]` ->
 * `[K, B, n]`.
 */
const tangentProduct = kernel<{ readonly tangents: Tensor; readonly slope: Tensor }>('ImpflowTangentProduct');

/**
 * Computes the gradient of `<u, s(a)> + sum_k <w_k, s'(a) t_k>`, where `scale c` is `s''(a)`, `[B, n]`. The gradient
 * with respect to `a` is `u s' + scale c sum_k t_k w_k`. The gradient with respect to the tangents is `w_k s'`,
 * `[K, B, n]`.
 */
const tangentPullback = kernel<
  { readonly u: Tensor; readonly slope: Tensor; readonly curvature: Tensor } & TangentCotangents,
  { readonly scale: number }
>('ImpflowTangentPullback');

/** Computes `s(a)` and `s'(a)`, each shaped as `a`, for an activation without learned parameters. */
export const fusedActivation: FusedKernel<{ readonly a: Tensor }, Omit<ActivationPart, 'kind'>> = kernel(
  'ImpflowActivation',
);

/** Makes a layer from an elementwise function and its first and second derivative. */
export const elementwise = <E extends Evaluated>(spec: ElementwiseSpec<E>): Layer => {
  const { name, lipschitz, monotone = false, parameters = {}, part, evaluate, curvature, parameterGradients } = spec;
  return Object.freeze<Layer>({
    name,
    lipschitz,
    monotone,
    parameters,
    buffers: {},
    ...(part === undefined ? {} : { part: { kind: 'activation', ...part } }),
    value: (x) => evaluate(x).value,
    trace: (a) => {
      const saved = evaluate(a);
      return { value: saved.value, saved };
    },
    jvp: ({ saved }, tangents) => timesSlope(tangents, saved['slope']!),
    vjp: ({ saved }, cotangents) => timesSlope(cotangents, saved['slope']!),
    pullback: ({ saved }, u, pairs) => {
      const full = saved as E;
      const { slope } = full;
      const moment =
        pairs !== undefined && parameterGradients !== undefined
          ? sum(mul(pairs.tangents, pairs.cotangents), 0)
          : undefined;
      const weights = parameterGradients?.(full, u, moment) ?? [];
      if (pairs === undefined) return { x: mul(u, slope), weights };
      if (curvature === undefined) return { x: mul(u, slope), tangents: timesSlope(pairs.cotangents, slope), weights };
      const { scale = 1, factor: bend } = asProduct(curvature(full));
      const [x, tangents] = tangentPullback.run({ u, slope, curvature: bend, ...pairs }, { scale }, () => [
        // `moment` is sum_k t_k w_k, the factor of the second derivative.
        add(mul(u, slope), mul(mul(bend, scale), moment ?? sum(mul(pairs.tangents, pairs.cotangents), 0))),
        timesSlope(pairs.cotangents, slope),
      ]);
      return { x, tangents, weights };
    },
  });
};

/** Multiplies each tangent of a stack by the slope, `t_k s'`. */
export const timesSlope = (tangents: Tensor, slope: Tensor): Tensor =>
  tangentProduct.run({ tangents, slope }, {}, () => [mul(tangents, slope)])[0];

const asProduct = (curvature: Tensor | Scaled): Scaled =>
  curvature instanceof Tensor ? { factor: curvature } : curvature;
