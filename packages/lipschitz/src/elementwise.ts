import { fused, type NamedTensors } from '@impflow/core';
import { add, mul, sum, Tensor } from '@tensorflow/tfjs-core';
import type { ActivationPart, Layer } from './layer.ts';

/** What the derivatives of an elementwise function may use, kept until the backward pass. Further tensors of `evaluate` come along. */
export interface Evaluated extends NamedTensors {
  readonly value: Tensor;
  /** `s'(a)`, shaped as `a`. */
  readonly slope: Tensor;
}

/** `scale factor`, not multiplied out. */
export interface Scaled {
  readonly scale?: number;
  readonly factor: Tensor;
}

export interface ElementwiseSpec<E extends Evaluated = Evaluated> {
  readonly name: string;
  /** `sup |s'|`. */
  readonly lipschitz: number;
  readonly parameters?: NamedTensors;
  /** How fused kernels know it, if they do. */
  readonly part?: Omit<ActivationPart, 'kind'>;
  /** `s(a)`, its first derivative, and whatever else is worth keeping for the second. */
  evaluate(a: Tensor): E;
  /** `s''(a)`; leave it out where it is zero almost everywhere. */
  curvature?(saved: E): Tensor | Scaled;
  /** Gradients of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` with respect to the parameters; `moment` is `sum_k t_k w_k`. */
  parameterGradients?(saved: E, cotangent: Tensor, moment: Tensor | undefined): readonly Tensor[];
}

/** A layer from an elementwise function that knows its value, first and second derivative. */
export const elementwise = <E extends Evaluated>(spec: ElementwiseSpec<E>): Layer => {
  const { name, lipschitz, parameters = {}, part, evaluate, curvature, parameterGradients } = spec;
  return Object.freeze<Layer>({
    name, lipschitz, parameters, buffers: {},
    ...(part === undefined ? {} : { part: { kind: 'activation', ...part } }),
    value: (x) => evaluate(x).value,
    trace: (a) => {
      const saved = evaluate(a);
      return { value: saved.value, saved };
    },
    jvp: ({ saved }, tangents) => timesSlope(tangents, saved['slope']!),
    vjp: ({ saved }, cotangents) => timesSlope(cotangents, saved['slope']!),
    pullback: ({ saved }, u, pairs) => {
      const full = saved as unknown as E;
      const { slope } = full;
      const moment = pairs !== undefined && parameterGradients !== undefined ? sum(mul(pairs.tangents, pairs.cotangents), 0) : undefined;
      const parameters = parameterGradients?.(full, u, moment) ?? [];
      if (pairs === undefined) return { x: mul(u, slope), parameters };
      if (curvature === undefined) return { x: mul(u, slope), tangents: timesSlope(pairs.cotangents, slope), parameters };
      const { scale = 1, factor: bend } = asProduct(curvature(full));
      const [x, tangents] = fused('ImpflowTangentPullback', { u, slope, curvature: bend, ...pairs }, { scale }, () => [
        // sum_k t_k w_k: what the second derivative meets.
        add(mul(u, slope), mul(mul(bend, scale), moment ?? sum(mul(pairs.tangents, pairs.cotangents), 0))),
        timesSlope(pairs.cotangents, slope),
      ] as const);
      return { x, tangents, parameters };
    },
  });
};

/** `t_k s'` for each tangent of a stack. */
export const timesSlope = (tangents: Tensor, slope: Tensor): Tensor => fused('ImpflowTangentProduct', { tangents, slope }, {}, () => [mul(tangents, slope)] as const)[0];

const asProduct = (curvature: Tensor | Scaled): Scaled => curvature instanceof Tensor ? { factor: curvature } : curvature;
