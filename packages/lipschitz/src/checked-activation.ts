import { assertGiven, assertMethods, calling, FlowError, type Shape } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';

const KIND = 'activation';
const AT = 'lipschitz/activation';

/**
 * Wraps an activation with checks. Errors that the activation throws are rethrown with its name. A result whose shape
 * differs from the shape of the input is an error. A check of a shape needs no read-back, so it costs nothing.
 *
 * @throws `input` if the activation lacks a method.
 */
export const checkedActivation = (layer: Layer): Layer => {
  assertMethods(AT, KIND, layer, ['value', 'trace', 'jvp', 'vjp', 'pullback']);
  const { weightCount = Object.keys(layer.parameters ?? {}).length } = layer;
  const called = <T>(method: string, body: () => T): T => calling(AT, KIND, layer, method, body);
  const given = (what: string, x: Tensor, shape: Shape): void => assertGiven(AT, KIND, layer, what, x, shape);
  /** Calls a method that must return a tensor of the same shape as `x`. */
  const alike = (method: string, x: Tensor, body: () => Tensor): Tensor => {
    const y = called(method, body);
    given(method, y, x.shape);
    return y;
  };
  return Object.freeze<Layer>({
    ...layer,
    value: (a) => alike('value', a, () => layer.value(a)),
    trace: (a) => {
      const trace = called('trace', () => layer.trace(a));
      given('value of its trace', trace?.value, a.shape);
      return trace;
    },
    jvp: (trace, tangents) => alike('jvp', tangents, () => layer.jvp(trace, tangents)),
    vjp: (trace, cotangents) => alike('vjp', cotangents, () => layer.vjp(trace, cotangents)),
    pullback: (trace, cotangent, pairs) => {
      const gradient = called('pullback', () => layer.pullback(trace, cotangent, pairs));
      given('x of its pullback', gradient?.x, cotangent.shape);
      if (pairs !== undefined) given('tangents of its pullback', gradient.tangents as Tensor, pairs.tangents.shape);
      if (gradient.weights?.length !== weightCount) {
        throw new FlowError(
          'input',
          AT,
          `The activation "${layer.name}" gave a wrong number of gradients in its pullback`,
          { expected: `${weightCount}, one for each of its weights`, got: String(gradient.weights?.length) },
        );
      }
      return gradient;
    },
  });
};
