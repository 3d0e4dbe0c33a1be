import { engine, getKernel, reshape, sqrt, square, sum, type NamedAttrMap, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { recording } from './scope.ts';
import { sizeOf } from './tensor.ts';

/**
 * A kernel that does in one pass over memory what takes several operations of tfjs, on float32 tensors. The package that owns the operation
 * declares it; a backend may register it with tfjs under this name.
 */
export interface FusedKernel<Inputs, Attributes> {
  readonly name: string;
  /** Whether the current backend has it. */
  available(): boolean;
  /** The kernel where the current backend has it, else `composed`. On the tape always `composed`: a fused kernel has no gradient, its callers write it. */
  run<const T extends readonly Tensor[]>(inputs: Inputs, attributes: Attributes, composed: () => T): T;
}

/** Declares a kernel: see {@link FusedKernel}. */
export const kernel = <Inputs extends object, Attributes extends object = Readonly<Record<never, never>>>(name: string): FusedKernel<Inputs, Attributes> => {
  const available = (): boolean => getKernel(name, engine().backendName) !== undefined;
  return Object.freeze<FusedKernel<Inputs, Attributes>>({
    name, available,
    run: <const T extends readonly Tensor[]>(inputs: Inputs, attributes: Attributes, composed: () => T): T => {
      if (recording() || !available()) return composed();
      const result = engine().runKernel<Tensor | Tensor[]>(name, inputs as unknown as NamedTensorMap, attributes as unknown as NamedAttrMap);
      return (Array.isArray(result) ? result : [result]) as unknown as T;
    },
  });
};

/** The Euclidean norm of each sample, `x [B, ...] -> [B]`. */
const norm = kernel<{ readonly x: Tensor }>('ImpflowSampleNorm');

/** Euclidean norm of each sample, `[B, ...event] -> [B]`. */
export const sampleNorm = (x: Tensor): Tensor =>
  norm.run({ x }, {}, () => [sqrt(sum(square(x.rank === 2 ? x : reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))])), 1))])[0];
