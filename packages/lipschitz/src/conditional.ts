import {
  defineContraction,
  disposingOnThrow,
  FlowError,
  fold,
  kept,
  scoped,
  drawUniform,
  shown,
  type Contraction,
  type Key,
  type NetLinearization,
} from '@impflow/core';
import { add, matMul, sum, transpose, variable, type Tensor } from '@tensorflow/tfjs-core';
import { fusedPasses, hasNetKernels } from './fused-passes.ts';
import type { Layer } from './layer.ts';
import { linearizedAt, linearizedBy, type LayeredNet } from './layered-net.ts';
import { mlpLayers, type MlpOptions } from './mlp.ts';
import { layered, type Passes } from './passes.ts';
import { stacked } from './sequential.ts';
import { sinActivation } from './sine.ts';

/** Options of a second input of a net, the condition. In options and parameters the condition is called `context`. */
export interface ContextOptions {
  /** Number of features `d` of the net. */
  readonly dim: number;
  /** Size `m` of the condition. The condition has shape `[B, m]`, or `[1, m]` if all rows share it. */
  readonly context: number;
  /** Random key for the initial weight of the condition. */
  readonly key: Key;
}

/** Options of {@link conditionalMlp}: all options of {@link mlp}, and the size `context` of the condition. */
export interface ConditionalMlpOptions extends MlpOptions, Pick<ContextOptions, 'context'> {}

/**
 * An {@link mlp} with a condition `c`: adds `C c` after the first dense layer. `C` has no cap, since the Lipschitz
 * bound is a bound only with respect to `x`. `C` is the parameter `context.weight`, `[hidden[0], m]`; the other
 * parameters have the names that {@link mlp} gives.
 *
 * @throws `option` for a `context` that is not a positive integer. The methods throw `shape` for a condition of another
 * size.
 */
export const conditionalMlp = ({
  dim,
  hidden = [128, 128],
  activation = sinActivation,
  coeff = 0.97,
  key,
  context,
}: ConditionalMlpOptions): Contraction =>
  withContext(stacked(mlpLayers({ dim, hidden, activation, coeff, key })), {
    dim,
    context,
    key: fold(key, hidden.length + 1),
  });

/** Adds a context input after the first dense layer of a net: see {@link conditionalMlp}. */
export const withContext = (
  { layers, lipschitz, parameters, buffers, trained, refresh }: LayeredNet,
  { dim, context, key }: ContextOptions,
): Contraction => {
  if (!(Number.isInteger(context) && context > 0)) {
    throw new FlowError('option', 'lipschitz/withContext', 'Wrong context size', {
      expected: 'a positive integer',
      got: shown(context),
    });
  }
  const [first, ...rest] = layers as readonly [Layer, ...Layer[]];
  const width = first.part?.kind === 'dense' ? first.part.outputs : dim;
  const bound = 1 / Math.sqrt(context);
  const weight = scoped(() => variable(drawUniform(key, [width, context], -bound, bound)));
  const whole = fusedPasses(layers);
  /**
   * Chooses the passes for a batch. The kernels for whole nets support neither an empty batch nor a single condition
   * for all rows.
   */
  const passes = (s: Tensor, x: Tensor): Passes =>
    whole !== undefined && x.rank === 2 && x.shape[0]! > 0 && s.shape[0] === x.shape[0] && hasNetKernels()
      ? (whole(s) as Passes)
      : (layered([first, shift(s), ...rest]) as Passes);
  const shiftOf = (condition: Tensor | undefined): Tensor => {
    if (condition?.rank !== 2 || condition.shape[1] !== context) {
      throw new FlowError('shape', 'lipschitz/withContext', 'Wrong context shape', {
        expected: `[B, ${context}]`,
        got: condition === undefined ? 'none' : `[${condition.shape.join(', ')}]`,
      });
    }
    return matMul(condition, transpose(weight));
  };
  /**
   * Number of explicit weights of the first layer. In the list of explicit weights, the shift follows the weights of
   * the first layer.
   */
  const before = first.weightCount!;
  /**
   * Returns the linearization of the net for a condition. The condition is multiplied by `C` to the shift `s`, which is
   * added after the first layer; `linearized` linearizes the layers for a shift. The result owns the shift.
   */
  const conditioned = (
    condition: Tensor | undefined,
    linearized: (s: Tensor) => NetLinearization,
    known?: Tensor,
  ): NetLinearization => {
    const { s, c } = kept(() => ({ s: known ?? shiftOf(condition), c: condition!.clone() }));
    const inner = disposingOnThrow((opened) => {
      [s, c].forEach(opened);
      return linearized(s);
    });
    return {
      ...inner,
      pullback: ({ onto, ...cotangents }) =>
        scoped(() => {
          const { x: dx, weights: all } = inner.pullback(cotangents);
          const ds = all[before]!;
          const weights = [...all.slice(0, before), ...all.slice(before + 1), matMul(ds, c, true)];
          return {
            x: dx,
            weights: onto === undefined ? weights : weights.map((gradient, i) => add(onto[i]!, gradient)),
            condition: matMul(ds, weight),
          };
        }),
      dispose: () => {
        inner.dispose();
        for (const tensor of [s, c]) tensor.dispose();
      },
    };
  };
  return defineContraction({
    lipschitz,
    buffers,
    refresh,
    shape: [dim],
    conditionSize: context,
    parameters: { ...parameters, 'context.weight': weight },
    value: (x, condition) => passes(shiftOf(condition), x).value(x),
    linearize: (x, { condition, tracked = true } = {}): NetLinearization =>
      conditioned(condition, (s) => linearizedAt(passes(s, x), x, tracked)),
    root: (h, recipe, criteria, wanted, condition) => {
      const s = kept(() => shiftOf(condition));
      const own = passes(s, h);
      const run = own.root?.(h, recipe, criteria, wanted !== undefined);
      if (run === undefined || wanted === undefined) {
        s.dispose();
        return run && { ...run, g: undefined };
      }
      return { ...run, g: conditioned(condition, () => linearizedBy(own, () => run.pass, wanted.tracked), s) };
    },
    trained: (weights) => [...trained(weights.slice(0, -1)), weights.at(-1)!],
  });
};

/** Returns the layer `x + s`, whose explicit weight is `s`. */
const shift = (s: Tensor): Layer => ({
  name: 'shift',
  lipschitz: 1,
  parameters: {},
  weightCount: 1,
  buffers: {},
  value: (x) => add(x, s),
  trace: (x) => ({ value: add(x, s), saved: {} }),
  jvp: (_trace, t) => t,
  vjp: (_trace, u) => u,
  pullback: (_trace, u, pairs) => ({
    x: u,
    ...(pairs === undefined ? {} : { tangents: pairs.cotangents }),
    weights: [s.shape[0] === u.shape[0] ? u.clone() : sum(u, 0, true)],
  }),
});
