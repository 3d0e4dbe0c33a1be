import { getKernel, registerKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { computing, type Operations, type TensorFlowEngine } from './engine.ts';
import { netActivation, type NetActivation } from './net-activation.ts';

/**
 * Registers the kernels for whole nets of package lipschitz. The kernels apply as few operations of TensorFlow as
 * possible to the tensors of the hidden layers (one row per sample, one column per unit). The trace of a hidden layer
 * contains `phi` and `psi` (see {@link NetActivation}). The trace also contains the phase if the second derivative
 * needs the phase. For each tangent, the inputs and the outputs of all activations are kept. Both are multiplied by
 * `rate`, the constant factor of the second derivative of the activation. Tangents are computed one by one, because
 * broadcasting is slow in TensorFlow.
 */
export const registerNet = (): void => {
  for (const [kernelName, kernelFunc] of Object.entries({
    ImpflowNet: forward,
    ImpflowNetPush: push,
    ImpflowNetPull: pull,
    ImpflowNetPullback: pullback,
  })) {
    if (getKernel(kernelName, 'tensorflow') === undefined)
      registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
  }
};

type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

interface Net {
  readonly operations: Operations;
  readonly activation: NetActivation;
  readonly depth: number;
  /** Returns the inputs of the kernel with the names `name0`, `name1`, ... */
  numbered(name: string): readonly TensorInfo[];
  /** The weights `[n_(i+1), n_i]` of the net, already capped if the net has caps. */
  readonly weights: readonly TensorInfo[];
}

/** Makes a kernel of tfjs from a function that computes with a net. */
const kernel =
  (
    body: (net: Net, inputs: Inputs, attributes: Readonly<Record<string, unknown>>) => readonly TensorInfo[],
  ): KernelFunc =>
  ({ inputs, attrs, backend }) => [
    ...computing(backend as TensorFlowEngine, (operations) => {
      const given = inputs as Inputs;
      const attributes = attrs as Readonly<Record<string, unknown>>;
      const { widths, activation, alpha } = attributes as {
        readonly widths: readonly number[];
        readonly activation: string;
        readonly alpha: number;
      };
      const numbered = (name: string): readonly TensorInfo[] => {
        const found: TensorInfo[] = [];
        for (let next = given[`${name}0`]; next !== undefined; next = given[`${name}${found.length}`]) found.push(next);
        return found;
      };
      return body(
        {
          operations,
          activation: netActivation(activation, alpha, operations),
          depth: widths.length - 1,
          numbered,
          weights: numbered('w'),
        },
        given,
        attributes,
      );
    }),
  ];

/** Returns `x` times a number, or `x` itself if the number is 1. */
const scaled = ({ binary }: Operations, x: TensorInfo, by: number): TensorInfo => (by === 1 ? x : binary('Mul', x, by));

/** Splits a trace by hidden layer. */
const hiddenLayers = (
  { phased = false }: NetActivation,
  trace: readonly TensorInfo[],
): readonly { readonly phi: TensorInfo; readonly psi: TensorInfo; readonly phase?: TensorInfo }[] => {
  const planes = phased ? 3 : 2;
  return Array.from({ length: trace.length / planes }, (_, i) => ({
    phi: trace[planes * i]!,
    psi: trace[planes * i + 1]!,
    ...(phased ? { phase: trace[planes * i + 2]! } : {}),
  }));
};

const forward: KernelFunc = kernel(({ operations, activation, depth, weights, numbered }, { x }, { keep }) => {
  const { product, binary, beside, filled } = operations;
  const { scale } = activation;
  const biases = numbered('b');
  const trace: TensorInfo[] = [];
  // The first product is `scale (W x + b)`. The bias `b` is appended to `W` as a column, and a column of ones is
  // appended to `x`. The scale is applied to `x`, which has fewer columns than `y`.
  const first = beside(scaled(operations, x!, scale), filled([x!.shape[0]!, 1], scale));
  let y = product(first, beside(weights[0]!, operations.reshape(biases[0]!, [biases[0]!.shape[0]!, 1])), 'b');
  for (let i = 1; i < depth; i++) {
    const { phi, psi } = activation.evaluate(y);
    trace.push(phi, psi, ...(activation.phased === true ? [y] : []));
    // The next phase is p_(i+1) = W phi_i + scale b. The last layer computes W phi / scale + b.
    const last = i === depth - 1;
    y = binary(
      'AddV2',
      product(phi, last ? scaled(operations, weights[i]!, 1 / scale) : weights[i]!, 'b'),
      last ? biases[i]! : scaled(operations, biases[i]!, scale),
    );
  }
  return keep === true ? [y, ...trace] : [y];
});

const push: KernelFunc = kernel(({ operations, activation, depth, weights, numbered }, { tangents }, { keep }) => {
  const { product, binary, pieces, stacked } = operations;
  const { rate } = activation;
  const layers = hiddenLayers(activation, numbered('trace'));
  const kept: TensorInfo[] = [];
  // The first weight is multiplied by the constant `rate` and the last weight is divided by `rate`. So the tangents of
  // the hidden layers are multiplied by `rate`.
  const first = scaled(operations, weights[0]!, rate);
  const last = scaled(operations, weights[depth - 1]!, 1 / rate);
  let t = pieces(tangents!).map((piece) => product(piece, first, 'b'));
  for (let i = 1; i < depth; i++) {
    const leaving = t.map((piece) => binary('Mul', piece, layers[i - 1]!.psi));
    kept.push(...t, ...leaving);
    t = leaving.map((piece) => product(piece, i === depth - 1 ? last : weights[i]!, 'b'));
  }
  return keep === true ? [stacked(t), ...kept] : [stacked(t)];
});

const pull: KernelFunc = kernel(
  ({ operations: { product, binary }, activation, depth, weights, numbered }, { cotangents }) => {
    const layers = hiddenLayers(activation, numbered('trace'));
    let u = product(cotangents!, weights[depth - 1]!);
    for (let i = depth - 2; i >= 0; i--) u = product(binary('Mul', u, layers[i]!.psi), weights[i]!);
    return [u];
  },
);

const pullback: KernelFunc = kernel(
  ({ operations, activation, depth, weights, numbered }, { x, u, tangents, cotangents }) => {
    const { product, binary, sum, pieces, filled } = operations;
    const { scale, rate } = activation;
    const layers = hiddenLayers(activation, numbered('trace'));
    const [entering, earlierWeights, earlierBiases] = [numbered('entering'), numbered('gw'), numbered('gb')];
    const parameters: TensorInfo[] = [];
    const total = (terms: readonly TensorInfo[]): TensorInfo => terms.reduce((a, b) => binary('AddV2', a, b));
    const arriving = tangents === undefined ? [] : pieces(tangents);
    const count = arriving.length;
    /**
     * Returns the kept tangents at hidden layer `i`: at the input of its activation (`entering`) or at the output
     * (`leaving`).
     */
    const kept = (i: number, side: 'entering' | 'leaving'): readonly TensorInfo[] =>
      entering.slice(count * (2 * i - (side === 'entering' ? 2 : 1)), count * (2 * i - (side === 'entering' ? 1 : 0)));
    // `c` contains the cotangents of the value. In the last layer `c` is undefined if `u` is absent. `w` contains the
    // cotangents of the tangents.
    let c = u ?? (count > 0 ? undefined : filled([x!.shape[0]!, weights[depth - 1]!.shape[0]!], 0));
    let w = cotangents === undefined ? [] : pieces(cotangents);
    for (let i = depth - 1; i >= 0; i--) {
      const [m, weight] = [weights[i]!.shape[0]!, weights[i]!];
      const direct: TensorInfo[] = earlierWeights.length === 0 ? [] : [earlierWeights[i]!];
      const bias: TensorInfo[] = earlierBiases.length === 0 ? [] : [earlierBiases[i]!];
      // The input of layer i is phi / scale. The tangents at this input are the kept tangents divided by the constant
      // `rate`.
      if (c !== undefined) {
        direct.push(i === 0 ? product(c, x!, 'a') : scaled(operations, product(c, layers[i - 1]!.phi, 'a'), 1 / scale));
      }
      bias.push(c === undefined ? filled([m], 0) : sum(c, 0));
      if (count > 0) {
        const along = total((i === 0 ? arriving : kept(i, 'leaving')).map((t, k) => product(w[k]!, t, 'a')));
        direct.push(i === 0 ? along : scaled(operations, along, 1 / rate));
      }
      parameters.unshift(total(direct), total(bias));
      c = c === undefined ? undefined : product(c, weight);
      if (i === 0) break;
      const { phi, psi, phase } = layers[i - 1]!;
      c = c === undefined ? undefined : binary('Mul', c, psi);
      if (count > 0) {
        w = w.map((piece) => product(piece, weight));
        const moment = binary(
          'Mul',
          activation.factor(phi, psi, phase),
          total(kept(i, 'entering').map((t, k) => binary('Mul', t, w[k]!))),
        );
        c = c === undefined ? moment : binary('AddV2', c, moment);
        w = w.map((piece) => binary('Mul', piece, psi));
      }
    }
    return [c ?? filled(x!.shape, 0), ...parameters];
  },
);
