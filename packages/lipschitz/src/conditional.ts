import { FlowError, fold, scoped, uniform, type ConditionalContraction } from '@impflow/core';
import { add, matMul, sum, transpose, variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';
import { mlpLayers, type MlpOptions } from './mlp.ts';
import { sequential } from './sequential.ts';
import { sin } from './sine.ts';

export interface ConditionalMlpOptions extends MlpOptions {
  /** Size `m` of a context `[B, m]`, or `[1, m]` for one that all rows share. */
  readonly context: number;
}

/**
 * An {@link mlp} that also sees a context: `C c` is added after the first dense layer. `C` is free, since the Lipschitz bound
 * concerns `x` alone. Its weight is `context.weight`, `[hidden[0], m]`; the other names are those of {@link mlp}.
 *
 * @remarks `given` makes one tensor, `C c`, in the scope of the caller: call it inside a tidy or a gradient.
 * @throws `option` for a context size that is not a positive integer; `given` throws `shape` for a context of another size.
 */
export const conditionalMlp = ({ dim, hidden = [128, 128], activation = sin, coeff = 0.97, key, context }: ConditionalMlpOptions): ConditionalContraction => {
  if (!(Number.isInteger(context) && context > 0)) {
    throw new FlowError('option', 'lipschitz/conditionalMlp', 'Wrong context size', { expected: 'a positive integer', got: String(context) });
  }
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
      return sequential([dim], [first, shift(scoped(() => matMul(condition, transpose(weight)))), ...rest]);
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
  pullback: (_trace, u, pairs) => ({
    x: u, ...(pairs === undefined ? {} : { tangents: pairs.cotangents }), parameters: [s.shape[0] === u.shape[0] ? u.clone() : sum(u, 0, true)],
  }),
});
