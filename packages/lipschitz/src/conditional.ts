import { FlowError, fold, scoped, uniform, type ConditionalContraction } from '@impflow/core';
import { add, matMul, transpose, variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';
import { mlpLayers, type MlpOptions } from './mlp.ts';
import { sequential } from './sequential.ts';
import { sin } from './sine.ts';

export interface ConditionalMlpOptions extends MlpOptions {
  /** Size `m` of a context `[B, m]`. */
  readonly context: number;
}

/**
 * An {@link mlp} that also sees a context: `C c` is added after the first dense layer. `C` is free, since the Lipschitz bound
 * concerns `x` alone.
 */
export const conditionalMlp = ({ dim, hidden = [128, 128], activation = sin, coeff = 0.97, key, context }: ConditionalMlpOptions): ConditionalContraction => {
  const layers = mlpLayers({ dim, hidden, activation, coeff, key });
  const width = hidden[0] ?? dim;
  const bound = 1 / Math.sqrt(context);
  const weight = scoped(() => variable(uniform(fold(key, hidden.length + 1), [width, context], -bound, bound)));
  const [first, ...rest] = layers as [Layer, ...Layer[]];
  const plain = sequential([dim], layers);
  return Object.freeze<ConditionalContraction>({
    shape: plain.shape,
    lipschitz: plain.lipschitz,
    contextSize: context,
    parameters: { ...plain.parameters, 'context.weight': weight },
    buffers: plain.buffers,
    given: (condition) => {
      if (condition.rank !== 2 || condition.shape[1] !== context) {
        throw new FlowError('shape', 'lipschitz/conditionalMlp', 'Wrong context shape', { expected: `[B, ${context}]`, got: `[${condition.shape.join(', ')}]` });
      }
      return sequential([dim], [first, shift(matMul(condition, transpose(weight))), ...rest]);
    },
    refresh: plain.refresh,
  });
};

/** `x + s` for a tensor `s` that is on the tape: its gradient arrives like a parameter's. */
const shift = (s: Tensor): Layer => ({
  name: 'shift',
  lipschitz: 1,
  parameters: { shift: s },
  buffers: {},
  value: (x) => add(x, s),
  trace: (x) => ({ value: add(x, s), saved: {} }),
  jvp: (_trace, t) => t,
  vjp: (_trace, u) => u,
  pullback: (_trace, u, pairs) => ({ x: u, tangents: pairs.map(({ cotangent }) => cotangent), parameters: [u.clone()] }),
});
