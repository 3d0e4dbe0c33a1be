import {
  engine,
  getGradient,
  type GradConfig,
  type NamedTensorMap,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import { leaves, offTape, owners, recording, scoped, withLeaves } from './scope.ts';

/** Result of {@link vjpByTape}. */
export interface VjpByTape {
  /** Value of the function. */
  readonly value: Tensor;
  /** `J^T cotangent` for each input, in the order of the inputs. */
  readonly gradients: readonly Tensor[];
}

/**
 * Returns `f()` and the vector-Jacobian products of `cotangent` with respect to `xs`. The function records on a
 * separate tape, so it can be called anywhere, also inside a custom gradient. Surrounding gradients treat the results
 * as constants.
 *
 * @throws `unsupported` for an operation whose gradient is not registered.
 */
export const vjpByTape = (f: () => Tensor, xs: readonly Tensor[], cotangent: Tensor): VjpByTape =>
  offTape(() =>
    freeing(() => {
      const { value, grads } = engine().gradients(f, [...xs], cotangent, true);
      return { value, gradients: grads };
    }),
  );

/** The forward and the backward function of an operation, for {@link customOps}. */
export interface CustomOps<Saved> {
  /**
   * Computes the values, off the tape. `saved` is what `backward` needs: a plain record of tensors and of objects that
   * own their tensors, such as linearizations. The operation owns these objects. The operation disposes them when the
   * tape ends, or immediately if no tape records.
   */
  forward(): { readonly values: readonly Tensor[]; readonly saved: Saved };
  /**
   * Returns one gradient per input, in the order of the inputs. Runs off the tape. Cotangents of unused values are
   * zeros.
   */
  backward(cotangents: readonly Tensor[], saved: Saved): readonly Tensor[];
}

/**
 * Runs an operation with several results and a custom gradient. Only `inputs` receive gradients. A tensor that only a
 * closure refers to receives no gradient, as in all operations of tfjs.
 */
export const customOps = <Saved>(
  inputs: readonly Tensor[],
  { forward, backward }: CustomOps<Saved>,
): readonly Tensor[] => {
  let restore: (copies: readonly Tensor[]) => Saved;
  let owned: ReturnType<typeof owners> = [];
  const taped = recording();
  // tf.customGrad is also built on runKernelFunc, but allows only one result.
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
      // The scope disposes the intermediate tensors of this gradient. Without the scope, tfjs keeps them until the end
      // of the whole backward pass.
      const gradients = scoped(() => backward(Array.isArray(cotangents) ? cotangents : [cotangents], restore(copies)));
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
  });
  // After it has computed all gradients, tfjs disposes of the tensors that a node of the tape saved.
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

/** The forward and the backward function of an operation with one result: see {@link CustomOps}. */
export interface CustomOp<Saved> {
  /** Computes the value, off the tape. For `saved`, see {@link CustomOps}. */
  forward(): { readonly value: Tensor; readonly saved: Saved };
  /** Returns one gradient per input, in the order of the inputs. Runs off the tape. */
  backward(cotangent: Tensor, saved: Saved): readonly Tensor[];
}

/** Runs an operation with one result and a custom gradient: see {@link customOps}. */
export const customOp = <Saved>(inputs: readonly Tensor[], { forward, backward }: CustomOp<Saved>): Tensor =>
  customOps<Saved>(inputs, {
    forward: () => {
      const { value, saved } = forward();
      return { values: [value], saved };
    },
    backward: ([cotangent], saved) => backward(cotangent!, saved),
  })[0]!;

/**
 * Returns a scalar loss and its gradients with respect to named variables. All tensors belong to the caller.
 *
 * @throws `unsupported` for an operation whose gradient is not registered.
 */
export const valueAndGradients = (
  loss: () => Tensor,
  variables: Readonly<Record<string, Variable>>,
): { readonly value: Tensor; readonly gradients: NamedTensorMap } => {
  const names = Object.keys(variables);
  const { value, grads } = freeing(() =>
    engine().gradients(
      loss,
      names.map((name) => variables[name]!),
    ),
  );
  return { value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
};

/**
 * Runs `body`, which computes a gradient. If `body` throws, disposes the tensors that its tape saved; tfjs disposes
 * them only if `body` returns.
 */
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

/** Adds a hint to the error that tfjs throws for a missing gradient: tfjs registers gradients only on request. */
const explained = (error: unknown): unknown => {
  const name = /gradient function not found for (\w+)/.exec(String(error))?.[1];
  if (name === undefined) return error;
  // If the gradient of a sum is registered, all gradients of tfjs are.
  const hint =
    (getGradient('Sum') as GradConfig | undefined) === undefined
      ? 'Call await registerGradients() of @impflow/core first, as the start of every backend adapter does.'
      : `The gradients are registered, but ${name} has none: its results are steps, as for a comparison. Compute it ` +
        'off the tape, with offTape of @impflow/core, and use the result as a constant: ' +
        'where(offTape(() => greater(x, 0)), a, b).';
  return new FlowError('unsupported', 'core/gradients', `TensorFlow.js has no gradient of ${name}`, {
    cause: error,
    hint,
  });
};
