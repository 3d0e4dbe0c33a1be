import {
  engine,
  env,
  getKernel,
  reshape,
  sqrt,
  square,
  sum,
  Tensor,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorMap,
} from '@tensorflow/tfjs-core';
import { recording } from './scope.ts';
import { sizeOf, type Shape } from './tensor.ts';

/**
 * A kernel that replaces several operations of tfjs on float32 tensors by one pass over memory. The package that owns
 * the operation declares the kernel. A backend may register the kernel with tfjs under the name of the kernel.
 */
export interface FusedKernel<Inputs, Attributes> {
  /** Name of the kernel in tfjs's registry. */
  readonly name: string;
  /** Returns whether the current backend has the kernel. */
  available(): boolean;
  /**
   * Runs the kernel if the current backend has it, else the function `composed`. While a tape records, `composed`
   * always runs, because a fused kernel has no gradient; callers write the gradient themselves.
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
      const config = recording() ? undefined : getKernel(name, engine().backendName);
      return config === undefined ? composed() : (outputsOf(config, inputs, attributes) as readonly Tensor[] as T);
    },
  });
};

/**
 * Runs a kernel of the current backend, off the tape. `engine().runKernel` also opens two scopes and checks for a tape,
 * which takes more time than a small kernel. `engine().runKernel` is called only if tfjs profiles or checks its
 * kernels.
 */
const outputsOf = (config: KernelConfig, inputs: object, attributes: object): readonly Tensor[] => {
  const tfjs = engine();
  const [named, attrs] = [inputs as NamedTensorMap, attributes as NamedAttrMap];
  const result =
    tfjs.state.profiling || env().getBool('DEBUG')
      ? tfjs.runKernel<Tensor | Tensor[]>(config.kernelName, named, attrs)
      : config.kernelFunc({ inputs: named, attrs, backend: tfjs.backend });
  return (Array.isArray(result) ? result : [result]).map((output) =>
    output instanceof Tensor ? output : tfjs.makeTensorFromTensorInfo(output),
  );
};

const norm = kernel<{ readonly x: Tensor }>('ImpflowSampleNorm');

/** Returns the Euclidean norm of each sample, `[B, ...event] -> [B]`. */
export const sampleNorm = (x: Tensor): Tensor =>
  norm.run({ x }, {}, () => [
    sqrt(sum(square(x.rank === 2 ? x : reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))])), 1)),
  ])[0];

const view = kernel<{ readonly x: Tensor }, { readonly shape: Shape }>('Reshape');

/**
 * Returns `x` if it already has the given shape, else a reshaped tensor that shares the data. Can be called on and off
 * the tape.
 */
export const reshaped = (x: Tensor, shape: Shape): Tensor =>
  x.rank === shape.length && shape.every((n, i) => n === x.shape[i])
    ? x
    : view.run({ x }, { shape: [...shape] }, () => [reshape(x, [...shape])])[0];
