import {
  engine,
  getKernel,
  reshape,
  sqrt,
  square,
  sum,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { recording } from './scope.ts';
import { sizeOf } from './tensor.ts';

/**
 * A kernel that replaces several operations of tfjs on float32 tensors by one pass over memory. The package that owns
 * the operation declares it. A backend may register it with tfjs under its name.
 */
export interface FusedKernel<Inputs, Attributes> {
  /** Name of the kernel in tfjs's registry. */
  readonly name: string;
  /** Returns whether the current backend has the kernel. */
  available(): boolean;
  /**
   * Runs the kernel where the current backend has it, else `composed`. On the tape it always runs `composed`, because a
   * fused kernel has no gradient; callers write the gradient themselves.
   */
  run<const T extends readonly Tensor[]>(inputs: Inputs, attributes: Attributes, composed: () => T): T;
}

/** Declares a kernel: see {@link FusedKernel}. */
export const kernel = <Inputs extends object, Attributes extends object = Readonly<Record<never, never>>>(
  name: string,
): FusedKernel<Inputs, Attributes> => {
  const available = (): boolean => getKernel(name, engine().backendName) !== undefined;
  return Object.freeze<FusedKernel<Inputs, Attributes>>({
    name,
    available,
    run: <const T extends readonly Tensor[]>(inputs: Inputs, attributes: Attributes, composed: () => T): T => {
      if (recording() || !available()) return composed();
      const result = engine().runKernel<Tensor | Tensor[]>(
        name,
        inputs as unknown as NamedTensorMap,
        attributes as unknown as NamedAttrMap,
      );
      const outputs: readonly Tensor[] = Array.isArray(result) ? result : [result];
      return outputs as T;
    },
  });
};

const norm = kernel<{ readonly x: Tensor }>('ImpflowSampleNorm');

/** Returns the Euclidean norm of each sample, `[B, ...event] -> [B]`. */
export const sampleNorm = (x: Tensor): Tensor =>
  norm.run({ x }, {}, () => [
    sqrt(sum(square(x.rank === 2 ? x : reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))])), 1)),
  ])[0];
