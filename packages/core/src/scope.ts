import { dispose, engine, keep, Tensor, tidy } from '@tensorflow/tfjs-core';

/** What a custom operation saves beside tensors: it frees what it holds when it is disposed. */
export interface Disposable {
  dispose(): void;
}

const isOwner = (node: object): node is Disposable => 'dispose' in node && typeof node.dispose === 'function';

/** Every tensor reachable through plain records and arrays. Objects that own their tensors, such as a linearization, are not entered. */
export const leaves = (tree: unknown): readonly Tensor[] =>
  tree instanceof Tensor ? [tree]
  : tree !== null && typeof tree === 'object' && !isOwner(tree) ? Object.values(tree).flatMap(leaves)
  : [];

/** Every object in the same places that owns its tensors. */
export const owners = (tree: unknown): readonly Disposable[] =>
  tree === null || typeof tree !== 'object' || tree instanceof Tensor ? []
  : isOwner(tree) ? [tree]
  : Object.values(tree).flatMap(owners);

/** The same tree with its tensors replaced by `tensors`, in the order of {@link leaves}. */
export const withLeaves = <T>(tree: T, tensors: readonly Tensor[]): T => {
  let next = 0;
  const rebuild = (node: unknown): unknown =>
    node instanceof Tensor ? tensors[next++]
    : Array.isArray(node) ? node.map(rebuild)
    : node !== null && typeof node === 'object' && !isOwner(node) ? Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rebuild(value)]))
    : node;
  return rebuild(tree) as T;
};

/** `tf.tidy` for plain readonly records (the types of tfjs admit index signatures only). */
export const scoped = <T>(body: () => T): T => tidy(body as () => never) as T;

/** `body()` in a scope and off the tape; its tensors outlive every scope until they are disposed. */
export const kept = <T>(body: () => T): T => {
  const tree = offTape(() => scoped(body));
  for (const tensor of leaves(tree)) keep(tensor);
  return tree;
};

/** `body()`; what it `opened` is disposed where it throws. */
export const disposingOnThrow = <R>(body: (opened: <D extends Disposable>(owner: D) => D) => R): R => {
  const all: Disposable[] = [];
  try {
    return body((owner) => {
      all.push(owner);
      return owner;
    });
  } catch (error) {
    for (const owner of all) owner.dispose();
    throw error;
  }
};

/** Disposes the tensors of `tree`, except those that `keep` also holds. */
export const release = (tree: unknown, keep?: unknown): void => {
  const others = new Set(leaves(keep));
  dispose(leaves(tree).filter((tensor) => !others.has(tensor) && !tensor.isDisposed));
};

/** `next(state)` in a scope; what the new state did not keep of the old one is disposed. */
export const advance = <S extends object>(state: S, next: (state: S) => S): S => {
  const result = scoped(() => next(state));
  release(state, result);
  return result;
};

/**
 * Runs `body` off the tape: what it computes is a constant to every gradient around it.
 *
 * @remarks tfjs has no stop-gradient, and a gradient taken inside a custom gradient destroys the outer tape. It puts the state of
 * tfjs's engine back, also after a throw.
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

/** Whether operations are being recorded: where not, work that only a gradient needs can be left out. */
export const recording = (): boolean => {
  const { gradientDepth, kernelDepth } = engine().state;
  return gradientDepth > 0 && kernelDepth === 0;
};
