import type { NamedTensors } from '@impflow/core';
import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer, TangentCotangent } from './layer.ts';

/** What the derivatives of an elementwise function may use. Further tensors of `evaluate` come along. */
export interface Evaluated extends NamedTensors {
  readonly value: Tensor;
  /** `s'(a)`, shaped as `a`. */
  readonly slope: Tensor;
}

export interface ElementwiseSpec<E extends Evaluated = Evaluated> {
  readonly name: string;
  /** `sup |s'|`. */
  readonly lipschitz: number;
  readonly parameters?: NamedTensors;
  /** `s(a)`, its first derivative, and whatever else is worth keeping for the second. */
  evaluate(a: Tensor): E;
  /** `s''(a)`; leave it out where it is zero almost everywhere. */
  curvature?(saved: E & { readonly a: Tensor }): Tensor;
  /** Gradients of `<u, s(a)> + sum_k <w_k, s'(a) t_k>` with respect to the parameters; `moment` is `sum_k t_k w_k`. */
  parameterGradients?(saved: E & { readonly a: Tensor }, cotangent: Tensor, moment: Tensor | undefined): readonly Tensor[];
}

/** A layer from an elementwise function that knows its value, first and second derivative. */
export const elementwise = <E extends Evaluated>(spec: ElementwiseSpec<E>): Layer => {
  const { name, lipschitz, parameters = {}, evaluate, curvature, parameterGradients } = spec;
  return Object.freeze<Layer>({
    name, lipschitz, parameters, buffers: {},
    value: (x) => evaluate(x).value,
    trace: (a) => {
      const evaluated = evaluate(a);
      return { value: evaluated.value, saved: { a, ...evaluated } };
    },
    jvp: ({ saved }, t) => mul(t, saved['slope']!),
    vjp: ({ saved }, u) => mul(u, saved['slope']!),
    pullback: ({ saved }, u, pairs) => {
      const full = saved as unknown as E & { readonly a: Tensor };
      const moment = pairs.length > 0 && (curvature ?? parameterGradients) !== undefined ? tangentMoment(pairs) : undefined;
      const first = mul(u, full.slope);
      return {
        x: curvature === undefined || moment === undefined ? first : add(first, mul(curvature(full), moment)),
        tangents: pairs.map(({ cotangent }) => mul(cotangent, full.slope)),
        parameters: parameterGradients?.(full, u, moment) ?? [],
      };
    },
  });
};

/** `sum_k t_k w_k`: what the second derivative meets. */
const tangentMoment = (pairs: readonly TangentCotangent[]): Tensor =>
  pairs.map(({ tangent, cotangent }) => mul(tangent, cotangent)).reduce((a, b) => add(a, b));
