import type { FusedActivation } from '@impflow/core';
import { getKernel, registerKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { computing, type Operations, type TensorFlowEngine } from './engine.ts';
import { netActivation, type NetActivation } from './net-activation.ts';

/**
 * The kernels for whole nets of core, as few operations of TensorFlow over wide tensors as there can be. Of each hidden layer the trace is `phi`
 * and `psi` (see {@link NetActivation}); of each tangent on its way is kept, times the rate of the second derivative, what enters an activation and what leaves it. Tangents go through one by one: TensorFlow is slow
 * where it has to broadcast.
 */
export const registerNet = (): void => {
  for (const [kernelName, kernelFunc] of Object.entries({ ImpflowNet: forward, ImpflowNetPush: push, ImpflowNetPull: pull, ImpflowNetPullback: pullback })) {
    if (getKernel(kernelName, 'tensorflow') === undefined) registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
  }
};

type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

interface Net {
  readonly operations: Operations;
  readonly activation: NetActivation;
  readonly depth: number;
  /** The tensors numbered `name0`, `name1`, ... */
  numbered(name: string): readonly TensorInfo[];
  /** The (capped) weights `[n_(i+1), n_i]`. */
  readonly weights: readonly TensorInfo[];
}

/** A kernel from what it does with a net. */
const kernel = (body: (net: Net, inputs: Inputs, attributes: Readonly<Record<string, unknown>>) => readonly TensorInfo[]): KernelFunc => ({ inputs, attrs, backend }) =>
  [...computing(backend as TensorFlowEngine, (operations) => {
    const given = inputs as Inputs;
    const { widths, activation, alpha } = attrs as unknown as { readonly widths: readonly number[]; readonly activation: FusedActivation; readonly alpha: number };
    const numbered = (name: string): readonly TensorInfo[] => {
      const found: TensorInfo[] = [];
      for (let next = given[`${name}0`]; next !== undefined; next = given[`${name}${found.length}`]) found.push(next);
      return found;
    };
    return body({ operations, activation: netActivation(activation, alpha, operations), depth: widths.length - 1, numbered, weights: numbered('w') }, given, attrs as Readonly<Record<string, unknown>>);
  })];

/** `x` times a number, unless that is one. */
const scaled = ({ binary }: Operations, x: TensorInfo, by: number): TensorInfo => by === 1 ? x : binary('Mul', x, by);

const forward: KernelFunc = kernel(({ operations, activation, depth, weights, numbered }, { x }, { keep }) => {
  const { product, binary, beside, filled } = operations;
  const { scale } = activation;
  const biases = numbered('b');
  const trace: TensorInfo[] = [];
  // The first layer takes its bias along as a column, and both their scale: x is narrow.
  const first = beside(scaled(operations, x!, scale), filled([x!.shape[0]!, 1], scale));
  let y = product(first, beside(weights[0]!, operations.reshape(biases[0]!, [biases[0]!.shape[0]!, 1])), 'b');
  for (let i = 1; i < depth; i++) {
    const { phi, psi } = activation.evaluate(y);
    trace.push(phi, psi);
    // p_(i+1) = W phi_i + scale b, and at the end W phi / scale + b.
    const last = i === depth - 1;
    y = binary('AddV2', product(phi, last ? scaled(operations, weights[i]!, 1 / scale) : weights[i]!, 'b'), last ? biases[i]! : scaled(operations, biases[i]!, scale));
  }
  return keep === true ? [y, ...trace] : [y];
});

const push: KernelFunc = kernel(({ operations, activation: { rate }, depth, weights, numbered }, { tangents }, { keep }) => {
  const { product, binary, pieces, stacked } = operations;
  const trace = numbered('trace');
  const kept: TensorInfo[] = [];
  // Times the rate from the first weight on to the last.
  const first = scaled(operations, weights[0]!, rate);
  const last = scaled(operations, weights[depth - 1]!, 1 / rate);
  let t = pieces(tangents!).map((piece) => product(piece, first, 'b'));
  for (let i = 1; i < depth; i++) {
    const leaving = t.map((piece) => binary('Mul', piece, trace[2 * i - 1]!));
    kept.push(...t, ...leaving);
    t = leaving.map((piece) => product(piece, i === depth - 1 ? last : weights[i]!, 'b'));
  }
  return keep === true ? [stacked(t), ...kept] : [stacked(t)];
});

const pull: KernelFunc = kernel(({ operations: { product, binary }, depth, weights, numbered }, { cotangents }) => {
  const trace = numbered('trace');
  let u = product(cotangents!, weights[depth - 1]!);
  for (let i = depth - 2; i >= 0; i--) u = product(binary('Mul', u, trace[2 * i + 1]!), weights[i]!);
  return [u];
});

const pullback: KernelFunc = kernel((net, { x, u, tangents, cotangents }, { coeffs }) => {
  const { operations, activation, depth, weights, numbered } = net;
  const { product, binary, sum, pieces, stacked } = operations;
  const { scale, rate } = activation;
  const [trace, entering] = [numbered('trace'), numbered('entering')];
  const parameters: TensorInfo[] = [];
  const total = (terms: readonly TensorInfo[]): TensorInfo => terms.reduce((a, b) => binary('AddV2', a, b));
  const arriving = tangents === undefined ? [] : pieces(tangents);
  const count = arriving.length;
  /** What was kept of all tangents at hidden layer `i`: entering its activation, or leaving it. */
  const kept = (i: number, side: 'entering' | 'leaving'): readonly TensorInfo[] => entering.slice(count * (2 * i - (side === 'entering' ? 2 : 1)), count * (2 * i - (side === 'entering' ? 1 : 0)));
  let c = u!;
  let w = cotangents === undefined ? [] : pieces(cotangents);
  for (let i = depth - 1; i >= 0; i--) {
    // What arrived at this layer is phi / scale; and of the tangents, what was kept over the rate.
    let direct = i === 0 ? product(c, x!, 'a') : scaled(operations, product(c, trace[2 * i - 2]!, 'a'), 1 / scale);
    if (count > 0) {
      const along = total((i === 0 ? arriving : kept(i, 'leaving')).map((t, k) => product(w[k]!, t, 'a')));
      direct = binary('AddV2', direct, i === 0 ? along : scaled(operations, along, 1 / rate));
    }
    parameters.unshift(capped(net, i, direct, numbered, (coeffs as readonly number[])[i]!), sum(c, 0));
    c = product(c, weights[i]!);
    w = w.map((piece) => product(piece, weights[i]!));
    if (i === 0) break;
    const [phi, psi] = [trace[2 * i - 2]!, trace[2 * i - 1]!];
    c = binary('Mul', c, psi);
    if (count > 0) {
      const moment = total(kept(i, 'entering').map((t, k) => binary('Mul', t, w[k]!)));
      c = binary('AddV2', c, binary('Mul', activation.factor(phi, psi), moment));
      w = w.map((piece) => binary('Mul', piece, psi));
    }
  }
  return [c, ...(count === 0 ? [] : [stacked(w)]), ...parameters];
});

/** `ImpflowCapGradient` of core: the gradient with respect to the weight, from the one with respect to the capped weight. */
const capped = ({ operations: { binary, sum, wherePositive, filled } }: Net, i: number, direct: TensorInfo, numbered: Net['numbered'], coeff: number): TensorInfo => {
  const [weight, slope, sigma] = [numbered('v')[i]!, numbered('d')[i]!, numbered('sigma')[i]!];
  const size = binary('Maximum', sigma, coeff);
  const factor = binary('RealDiv', coeff, size);
  const along = binary('RealDiv', binary('Mul', factor, sum(binary('Mul', direct, weight))), size);
  const correction = wherePositive(binary('Sub', sigma, coeff), along, filled(sigma.shape, 0));
  return binary('Sub', binary('Mul', factor, direct), binary('Mul', correction, slope));
};
