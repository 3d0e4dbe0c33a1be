import { fused, hasFused, type FusedKernels } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ActivationPart, DensePart, Layer } from './layer.ts';
import type { Passes } from './passes.ts';

interface State {
  readonly x: Tensor;
  readonly trace: readonly Tensor[];
}

interface Entering {
  readonly tangents: Tensor;
  readonly entering: readonly Tensor[];
}

/**
 * A whole net in one kernel, a pass each: for dense layers with one activation between them, that fused kernels know. Nothing for
 * other nets.
 */
export const fusedPasses = (layers: readonly Layer[]): Passes<State, Entering> | undefined => {
  const dense = layers.flatMap(({ part }, i) => i % 2 === 0 && part?.kind === 'dense' ? [part] : []);
  const activations = layers.flatMap(({ part }, i) => i % 2 === 1 && part?.kind === 'activation' ? [part] : []);
  const [activation] = activations;
  const alike = activations.every((other) => other.activation === activation?.activation && other.alpha === activation?.alpha);
  if (activation === undefined || !alike || layers.length % 2 === 0 || dense.length + activations.length !== layers.length) return undefined;
  return passes(dense, activation);
};

/** Whether the current backend has the kernels. */
export const hasNetKernels = (): boolean => hasFused('ImpflowNet');

const passes = (dense: readonly DensePart[], { activation, alpha }: ActivationPart): Passes<State, Entering> => {
  const widths = [dense[0]!.weight.shape[1]!, ...dense.map(({ weight }) => weight.shape[0]!)];
  const attributes = { widths, activation, alpha };
  const listed = (name: string, tensors: readonly Tensor[]): Record<string, Tensor> => Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
  const numbered = (name: string, of: (part: DensePart) => Tensor): Record<string, Tensor> => listed(name, dense.map(of));
  const weights = (): Record<string, Tensor> => numbered('w', (part) => part.capped().scaled);
  const run = <Name extends NetKernelName, const T extends readonly Tensor[]>(name: Name, inputs: FusedKernels[Name]['inputs'], given: FusedKernels[Name]['attributes']): T =>
    fused<Name, T>(name, inputs, given, missing);
  const forward = (x: Tensor, keep: boolean): readonly [Tensor, ...Tensor[]] => run('ImpflowNet', { x, ...weights(), ...numbered('b', ({ bias }) => bias) }, { ...attributes, keep });
  const push = (trace: readonly Tensor[], tangents: Tensor, keep: boolean): readonly [Tensor, ...Tensor[]] =>
    run('ImpflowNetPush', { ...listed('trace', trace), tangents, ...weights() }, { ...attributes, keep });
  return {
    value: (x) => forward(x, false)[0],
    forward: (x) => {
      const [value, ...trace] = forward(x, true);
      return { value, state: { x, trace } };
    },
    push: ({ trace }, tangents) => {
      const [leaving, ...entering] = push(trace, tangents, true);
      return { leaving, entering: { tangents, entering } };
    },
    product: ({ trace }, tangents) => push(trace, tangents, false)[0],
    pull: ({ trace }, cotangents) => run<'ImpflowNetPull', readonly [Tensor]>('ImpflowNetPull', { ...listed('trace', trace), cotangents, ...weights() }, attributes)[0],
    pullback: ({ x, trace }, u, through) => {
      const layers = dense.map((part) => part.capped());
      const [dx, ...rest] = run<'ImpflowNetPullback', readonly [Tensor, ...Tensor[]]>('ImpflowNetPullback', {
        x, ...listed('trace', trace), u, ...weights(), ...numbered('v', ({ weight }) => weight),
        ...Object.fromEntries(layers.flatMap(({ slope, sigma }, i) => [[`d${i}`, slope], [`sigma${i}`, sigma]])),
        ...(through === undefined ? {} : { tangents: through.entering.tangents, ...listed('entering', through.entering.entering), cotangents: through.cotangents }),
      }, { ...attributes, coeffs: dense.map(({ coeff }) => coeff) });
      return { x: dx, ...(through === undefined ? {} : { tangents: rest.shift()! }), parameters: rest };
    },
  };
};

type NetKernelName = 'ImpflowNet' | 'ImpflowNetPush' | 'ImpflowNetPull' | 'ImpflowNetPullback';

/** There is no composed form here: the layers themselves are one, and callers ask {@link hasNetKernels} first. */
const missing = (): never => {
  throw new Error('lipschitz/fusedPasses: the kernels for whole nets are gone.');
};
