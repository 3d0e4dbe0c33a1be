import { FUSED_SIZE, kernel, type Cotangents, type Recipe, type WholeCriteria } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ActivationPart, DensePart, FusedActivation, Layer } from './layer.ts';
import type { Passes } from './passes.ts';

/**
 * Attributes of the kernels for a net of dense layers with one activation between them, `n_0 -> n_1 -> .. -> n_L`.
 * Inputs `w0 .. w(L-1)` are the explicit weights `[n_(i+1), n_i]`, and inputs `b0 .. b(L-1)` are the biases
 * `[n_(i+1)]`. `shift` `[B, n_1]` is added to the output of the first layer.
 */
interface NetAttributes {
  /** Widths `n_0 .. n_L` of the net: input, hidden layers, output. */
  readonly widths: readonly number[];
  readonly activation: FusedActivation;
  readonly alpha: number;
}

/** Inputs of a kernel: tensors with fixed names, and tensors with numbered names such as `w0`, `w1`, ... */
type NetInputs<Required extends string, Optional extends string = never> = Readonly<Record<Required, Tensor>> &
  Readonly<Partial<Record<Optional, Tensor>>> &
  Readonly<Record<string, Tensor>>;

/**
 * Computes the value `[B, n_L]` of a net at `x [B, n_0]`. With `keep`, it also returns the trace: the tensors of the
 * forward pass that the derivative kernels need as inputs `trace0`, `trace1`, ... Inputs: `w0 ..`, `b0 ..`.
 */
const forward = kernel<NetInputs<'x', 'shift'>, NetAttributes & { readonly keep: boolean }>('ImpflowNet');

/**
 * Multiplies tangents `[K, B, n_0]` by the Jacobian of a net: `[K, B, n_L]`. With `keep`, it also returns the tensors
 * that `ImpflowNetPullback` needs as inputs `entering0`, `entering1`, ... Inputs: `w0 ..` and the trace.
 */
const push = kernel<NetInputs<'tangents'>, NetAttributes & { readonly keep: boolean }>('ImpflowNetPush');

/**
 * Multiplies cotangents `[K, B, n_L]` by the transposed Jacobian of a net: `[K, B, n_0]`. Inputs: `w0 ..` and the
 * trace.
 */
const pull = kernel<NetInputs<'cotangents'>, NetAttributes>('ImpflowNetPull');

/**
 * Returns the gradients of `<u, g(x)> + sum_k <c_k, J(x) t_k>`: first with respect to `x [B, n_0]`, then for each layer
 * with respect to `w_i` and `b_i`, and last with respect to `shift`, if it is given.
 *
 * Inputs: `w0 ..`, `x` and the trace; `u [B, n_L]`, which is zero if absent; `gw0 ..`, `gb0 ..`, gradients to which the
 * new gradients are added. The terms with tangents need three more inputs: `tangents`, the tensors `entering0 ..` that
 * `push` kept for these tangents, and `cotangents [K, B, n_L]`. Give all three or leave all three out.
 */
const pullback = kernel<NetInputs<'x', 'u' | 'tangents' | 'cotangents' | 'shift'>, NetAttributes>('ImpflowNetPullback');

/**
 * Solves `z + g(z) = h [B, d]` for each row separately, starting at `z = h`, by the method of `@impflow/solvers` with
 * the name `method`. Outputs: `z [B, d]`; `g` at the last evaluated point of each row (this point is `z` if the row
 * converged); `evidence [4 B]` and `steps [B]` as in `WholeSolve`; with `keep`, the trace of `ImpflowNet` at that
 * point. `quasi-newton` supports up to 16 dimensions.
 */
const root = kernel<
  NetInputs<'h', 'shift'>,
  NetAttributes &
    WholeCriteria & {
      readonly method: Recipe['method'];
      readonly memory: number;
      readonly damping: number;
      readonly regularization: number;
      readonly keep: boolean;
    }
>('ImpflowNetRoot');

interface State {
  readonly x: Tensor;
  readonly trace: readonly Tensor[];
}

/**
 * Returns the passes of a whole net. Each pass runs one fused kernel. The net must have dense layers with the same
 * activation between them, and the fused kernels must support this activation. The optional `shift [B, n_1]` is added
 * to the output of the first layer. In the list of gradients, the gradient of `shift` follows the gradients of the
 * first layer, as if `shift` were the weight of a separate layer. For other nets, the function returns `undefined`.
 */
export const fusedPasses = (layers: readonly Layer[]): ((shift?: Tensor) => Passes<State>) | undefined => {
  const dense = layers.flatMap(({ part }, i) => (i % 2 === 0 && part?.kind === 'dense' ? [part] : []));
  const activations = layers.flatMap(({ part }, i) => (i % 2 === 1 && part?.kind === 'activation' ? [part] : []));
  const [activation] = activations;
  const alike = activations.every(
    (other) => other.activation === activation?.activation && other.alpha === activation?.alpha,
  );
  if (
    activation === undefined ||
    !alike ||
    layers.length % 2 === 0 ||
    dense.length + activations.length !== layers.length
  )
    return undefined;
  return (shift) => passes(dense, activation, shift);
};

/** Returns whether the current backend has the kernels. */
export const hasNetKernels = (): boolean => forward.available();

const passes = (
  dense: readonly DensePart[],
  { activation, alpha }: ActivationPart,
  shift: Tensor | undefined,
): Passes<State> => {
  const shifted = shift === undefined ? {} : { shift };
  const attributes = { widths: [dense[0]!.inputs, ...dense.map(({ outputs }) => outputs)], activation, alpha };
  const listed = (name: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
  const weights = (): Record<string, Tensor> =>
    listed(
      'w',
      dense.map((part) => part.weight()),
    );
  const biases = listed(
    'b',
    dense.map(({ bias }) => bias),
  );
  const valued = (x: Tensor, keep: boolean): readonly [Tensor, ...Tensor[]] =>
    forward.run<readonly [Tensor, ...Tensor[]]>(
      { x, ...shifted, ...weights(), ...biases },
      { ...attributes, keep },
      missing,
    );
  return {
    value: (x) => valued(x, false)[0],
    forward: (x) => {
      const [value, ...trace] = valued(x, true);
      return { value, state: { x, trace } };
    },
    push: ({ trace }, tangents, keep) => {
      const [images, ...entering] = push.run<readonly [Tensor, ...Tensor[]]>(
        { ...listed('trace', trace), tangents, ...weights() },
        { ...attributes, keep },
        missing,
      );
      return { images, entering };
    },
    pull: ({ trace }, cotangents) =>
      pull.run<readonly [Tensor]>({ ...listed('trace', trace), cotangents, ...weights() }, attributes, missing)[0],
    pullback: ({ x, trace }, { value: u, pair, onto }: Cotangents) => {
      const [dx, ...gradients] = pullback.run<readonly [Tensor, ...Tensor[]]>(
        {
          x,
          ...shifted,
          ...listed('trace', trace),
          ...(u === undefined ? {} : { u }),
          ...weights(),
          ...(pair === undefined
            ? {}
            : {
                tangents: pair.pushed.tangents,
                ...listed('entering', pair.pushed.entering),
                cotangents: pair.cotangents,
              }),
          ...(onto === undefined
            ? {}
            : Object.fromEntries(onto.map((gradient, i) => [`g${i % 2 === 0 ? 'w' : 'b'}${i >> 1}`, gradient]))),
        },
        attributes,
        missing,
      );
      if (shift === undefined) return { x: dx, weights: gradients };
      const [weight, bias, ...others] = gradients;
      return { x: dx, weights: [weight!, bias!, others.at(-1)!, ...others.slice(0, -1)] };
    },
    root: (h, recipe, criteria, keep) => {
      const dim = h.shape[1]!;
      if (!root.available() || (recipe.method === 'quasi-newton' && dim > Math.min(FUSED_SIZE, recipe.maxDim)))
        return undefined;
      const method = { memory: 1, damping: 1, regularization: 1, ...recipe };
      const [z, value, evidence, steps, ...trace] = root.run<readonly [Tensor, Tensor, Tensor, Tensor, ...Tensor[]]>(
        { h, ...shifted, ...weights(), ...biases },
        { ...attributes, ...criteria, ...method, memory: Math.min(method.memory, dim), keep },
        missing,
      );
      return { value: z, evidence, steps, pass: { value, state: { x: z.clone(), trace } } };
    },
  };
};

/**
 * Throws an error, because no plain operations can replace the kernels for whole nets. Backends without these kernels
 * run layer-by-layer passes. Callers check {@link hasNetKernels} first.
 */
const missing = (): never => {
  throw new Error(
    '[lipschitz/fusedPasses] No kernels for whole nets: expected the backend of the forward pass, ' +
      'got another. Do not change the backend between the two passes.',
  );
};
