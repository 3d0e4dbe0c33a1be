import { dispose, reshape, sqrt, square, sum, Tensor, tidy } from '@tensorflow/tfjs-core';
import { FlowError } from './errors.ts';
import { fused } from './fused.ts';

/** An event shape: the batch dimension is never part of it. */
export type Shape = readonly number[];

/** A batch-first, shape-preserving map `[B, ...event] -> [B, ...event]`. */
export type TensorMap = (x: Tensor) => Tensor;

/** Tensors by name, in a stable order. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Every tensor reachable through plain records and arrays: the set that `tf.tidy` itself sees. */
export const leaves = (tree: unknown): readonly Tensor[] =>
  tree instanceof Tensor ? [tree]
  : tree !== null && typeof tree === 'object' ? Object.values(tree).flatMap(leaves)
  : [];

/** The same tree with its tensors replaced by `tensors`, in the order of {@link leaves}. */
export const withLeaves = <T>(tree: T, tensors: readonly Tensor[]): T => {
  let next = 0;
  const rebuild = (node: unknown): unknown =>
    node instanceof Tensor ? tensors[next++]
    : Array.isArray(node) ? node.map(rebuild)
    : node !== null && typeof node === 'object' ? Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rebuild(value)]))
    : node;
  return rebuild(tree) as T;
};

/** `tf.tidy` for plain readonly records (the types of tfjs admit index signatures only). */
export const scoped = <T>(body: () => T): T => tidy(body as () => never) as T;

/** Disposes the tensors of `tree`, except those that `keep` also holds. */
export const release = (tree: unknown, keep?: unknown): void => {
  const kept = new Set(leaves(keep));
  dispose(leaves(tree).filter((tensor) => !kept.has(tensor) && !tensor.isDisposed));
};

/** `next(state)` in a scope; what the new state did not keep of the old one is disposed. */
export const advance = <S extends object>(state: S, next: (state: S) => S): S => {
  const result = scoped(() => next(state));
  release(state, result);
  return result;
};

/** Euclidean norm of each sample, `[B, ...event] -> [B]`. */
export const sampleNorm = (x: Tensor): Tensor =>
  fused('ImpflowSampleNorm', { x }, {}, () => [sqrt(sum(square(x.rank === 2 ? x : reshape(x, [x.shape[0]!, -1])), 1))] as const)[0];

/** `x` itself where it has that shape, else reshaped. */
export const reshaped = (x: Tensor, shape: Shape): Tensor =>
  x.rank === shape.length && shape.every((n, i) => n === x.shape[i]) ? x : reshape(x, [...shape]);

/** Number of elements of an event. */
export const sizeOf = (event: Shape): number => event.reduce((product, n) => product * n, 1);

/** Throws a `shape` error unless `x` is `[B, ...event]`. */
export const assertShape = (at: string, x: Tensor, event: Shape): void => {
  if (x.rank === event.length + 1 && event.every((n, i) => n === x.shape[i + 1])) return;
  throw new FlowError('shape', at, 'Wrong input shape', { expected: `[B, ${event.join(', ')}]`, got: `[${x.shape.join(', ')}]` });
};
