import { engine, type NamedTensorMap, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import { leaves, offTape, owners, recording, scoped, withLeaves } from './scope.ts';

export interface Pullback {
  readonly value: Tensor;
  readonly gradients: readonly Tensor[];
}

/**
 * `f()` and the vector-Jacobian products of `cotangent` with respect to `xs`, on a tape of its own: legal anywhere, also
 * inside a custom gradient, and a constant to every gradient around it. @throws `unsupported` for an operation whose gradient is not registered.
 */
export const pullback = (f: () => Tensor, xs: readonly Tensor[], cotangent: Tensor): Pullback =>
  offTape(() => freeing(() => {
    const { value, grads } = engine().gradients(f, [...xs], cotangent, true);
    return { value, gradients: grads };
  }));

/** The two directions of an operation, as {@link customOps} takes them. */
export interface CustomOps<Saved> {
  /**
   * Runs off the tape. `saved` is what the gradient will need: a plain record of tensors and of objects that own their tensors, such as
   * linearizations. The operation takes those objects over; it disposes them when the tape ends, at once where none is recorded.
   */
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
  let owned: ReturnType<typeof owners> = [];
  const taped = recording();
  // What tf.customGrad calls too, for one result.
  const { runKernelFunc } = engine() as unknown as KernelRunner;
  const values = runKernelFunc.call(engine(), {
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc: (_backend, save) => {
      const { values, saved } = forward();
      owned = owners(saved);
      save([...leaves(saved)]);
      restore = (copies) => withLeaves(saved, copies);
      return [...values];
    },
    backwardsFunc: (cotangents, copies) => {
      // In a scope of its own: tfjs would keep what it computes on the way until all of the backward pass is over.
      const gradients = scoped(() => backward(Array.isArray(cotangents) ? cotangents : [cotangents], restore(copies)));
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
  });
  // tfjs disposes what a node of the tape saved once all gradients are found.
  if (taped) (engine().state.activeTape!.at(-1)!.saved as { dispose(): void }[]).push(...owned);
  else for (const owner of owned) owner.dispose();
  return values;
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

/** A scalar loss and its gradient with respect to named variables. All tensors belong to the caller. @throws `unsupported` for an operation whose gradient is not registered. */
export const valueAndGradients = (
  loss: () => Tensor, variables: Readonly<Record<string, Variable>>,
): { readonly value: Tensor; readonly gradients: NamedTensorMap } => {
  const names = Object.keys(variables);
  const { value, grads } = freeing(() => engine().gradients(loss, names.map((name) => variables[name]!)));
  return { value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
};

/** `body()`, a gradient; where it throws, what its tape saved is disposed, which tfjs does only where it returns. */
const freeing = <T>(body: () => T): T => {
  try {
    return body();
  } catch (error) {
    const { state } = engine();
    if (state.gradientDepth === 0) {
      for (const { saved = [] } of state.activeTape ?? []) for (const held of saved) held.dispose();
      Object.assign(state, { activeTape: null });
    }
    throw explained(error);
  }
};

/** TensorFlow.js registers the gradients of its operations only where it is asked to, and says no more than which one it misses. */
const explained = (error: unknown): unknown => {
  const name = /gradient function not found for (\w+)/.exec(String(error))?.[1];
  return name === undefined ? error : new FlowError('unsupported', 'core/gradients', `TensorFlow.js has no gradient of ${name}`, {
    cause: error, hint: 'Call await registerGradients() of @impflow/core first, as the start of every backend adapter does. Some operations have none at all.',
  });
};
