import { engine, type NamedTensorMap, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { leaves, scoped, withLeaves } from './tensor.ts';

/**
 * Runs `body` off the tape: what it computes is a constant to every gradient around it.
 *
 * @remarks tfjs has no stop-gradient, and a gradient taken inside a custom gradient destroys the outer tape. This is the
 * only function of the workspace that touches the state of tfjs's engine; it puts it back, also after a throw.
 */
export const offTape = <T>(body: () => T): T => {
  const { state } = engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  try {
    return body();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
};

/** Whether a gradient is being recorded: where not, work that only a gradient needs can be left out. */
export const recording = (): boolean => engine().state.gradientDepth > 0;

export interface Pullback {
  readonly value: Tensor;
  readonly gradients: readonly Tensor[];
}

/**
 * `f()` and the vector-Jacobian products of `cotangent` with respect to `xs`, on a tape of its own: legal anywhere, also
 * inside a custom gradient, and a constant to every gradient around it.
 */
export const pullback = (f: () => Tensor, xs: readonly Tensor[], cotangent: Tensor): Pullback =>
  offTape(() => {
    const { value, grads } = engine().gradients(f, [...xs], cotangent, true);
    return { value, gradients: grads };
  });

/** The two directions of an operation, as {@link customOps} takes them. */
export interface CustomOps<Saved> {
  /** Runs off the tape. `saved` is a plain record of what the gradient will need. */
  forward(): { readonly values: readonly Tensor[]; readonly saved: Saved };
  /** One gradient per input, in their order; also off the tape. A value that the loss does not reach has zeros for a cotangent. */
  backward(cotangents: readonly Tensor[], saved: Saved): readonly Tensor[];
}

/**
 * An operation with several results and a gradient written by hand. `inputs` are all tensors that receive one: a tensor that only a
 * closure mentions receives none (a property of tfjs).
 */
export const customOps = <Saved>(inputs: readonly Tensor[], { forward, backward }: CustomOps<Saved>): readonly Tensor[] => {
  let restore: (copies: readonly Tensor[]) => Saved;
  // What tf.customGrad calls too, for one result.
  const { runKernelFunc } = engine() as unknown as KernelRunner;
  return runKernelFunc.call(engine(), {
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc: (_backend, save) => {
      const { values, saved } = forward();
      // tfjs copies what it saves: each tensor once.
      const all = leaves(saved);
      const distinct = [...new Set(all)];
      save(distinct);
      restore = (copies) => {
        const copyOf = new Map(distinct.map((tensor, i) => [tensor, copies[i]!]));
        return withLeaves(saved, all.map((tensor) => copyOf.get(tensor)!));
      };
      return [...values];
    },
    backwardsFunc: (cotangents, copies) => {
      // In a scope of its own: tfjs would keep what it computes on the way until all of the backward pass is over.
      const gradients = scoped(() => backward(Array.isArray(cotangents) ? cotangents : [cotangents], restore(copies)));
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
  });
};

interface KernelRunner {
  runKernelFunc(params: {
    readonly inputs: Readonly<Record<string, Tensor>>;
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor[];
    backwardsFunc(cotangents: Tensor | Tensor[], copies: Tensor[]): Readonly<Record<string, () => Tensor>>;
  }): Tensor[];
}

/** The two directions of an operation with one result: see {@link CustomOps}. */
export interface CustomOp<Saved> {
  forward(): { readonly value: Tensor; readonly saved: Saved };
  backward(cotangent: Tensor, saved: Saved): readonly Tensor[];
}

/** {@link customOps} with one result. */
export const customOp = <Saved>(inputs: readonly Tensor[], { forward, backward }: CustomOp<Saved>): Tensor => customOps<Saved>(inputs, {
  forward: () => {
    const { value, saved } = forward();
    return { values: [value], saved };
  },
  backward: ([cotangent], saved) => backward(cotangent!, saved),
})[0]!;

/** The value of `x` with the gradient of `surrogate`, a tensor of the same shape. */
export const withGradientOf = (x: Tensor, surrogate: Tensor): Tensor =>
  customOp([surrogate], { forward: () => ({ value: x.clone(), saved: {} }), backward: (dy) => [dy.clone()] });

/** A scalar loss and its gradient with respect to named variables. All tensors belong to the caller. */
export const valueAndGradients = (
  loss: () => Tensor, variables: Readonly<Record<string, Variable>>,
): { readonly value: Tensor; readonly gradients: NamedTensorMap } => {
  const names = Object.keys(variables);
  const { value, grads } = engine().gradients(loss, names.map((name) => variables[name]!));
  return { value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
};
