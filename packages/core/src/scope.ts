import { dispose, engine, keep, Tensor, tidy } from '@tensorflow/tfjs-core';

/** An object that owns tensors. */
export interface Disposable {
  /** Disposes the tensors of the object. */
  dispose(): void;
}

const isOwner = (node: object): node is Disposable => 'dispose' in node && typeof node.dispose === 'function';

/**
 * Returns all tensors in plain records and arrays. Does not enter objects that own their tensors, such as
 * linearizations.
 */
export const leaves = (tree: unknown): readonly Tensor[] =>
  tree instanceof Tensor
    ? [tree]
    : tree !== null && typeof tree === 'object' && !isOwner(tree)
      ? Object.values(tree).flatMap(leaves)
      : [];

/**
 * Searches `tree`, and the plain records and arrays in it, for objects that own their tensors. Returns these objects.
 */
export const owners = (tree: unknown): readonly Disposable[] =>
  tree === null || typeof tree !== 'object' || tree instanceof Tensor
    ? []
    : isOwner(tree)
      ? [tree]
      : Object.values(tree).flatMap(owners);

/** Returns a copy of `tree` with its tensors replaced by `tensors`, in the order of {@link leaves}. */
export const withLeaves = <T>(tree: T, tensors: readonly Tensor[]): T => {
  let next = 0;
  const rebuild = (node: unknown): unknown =>
    node instanceof Tensor
      ? tensors[next++]
      : Array.isArray(node)
        ? node.map(rebuild)
        : node !== null && typeof node === 'object' && !isOwner(node)
          ? Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rebuild(value)]))
          : node;
  return rebuild(tree) as T;
};

/**
 * Runs `body` in `tf.tidy`, for any result type, such as readonly records. (The types of tfjs require index
 * signatures.)
 */
export const scoped = <T>(body: () => T): T => tidy(body as () => never) as T;

/** Runs `body` in a scope, off the tape. The tensors of its result survive all scopes until they are disposed. */
export const kept = <T>(body: () => T): T => {
  const tree = offTape(() => scoped(body));
  for (const tensor of leaves(tree)) keep(tensor);
  return tree;
};

/**
 * Keeps the tensors of `tree` beyond all scopes until `dispose`. Tensors that are kept already belong to another owner,
 * and `dispose` does not dispose them.
 */
export const holding = <T>(tree: T): Disposable & { readonly tree: T } => {
  const own = leaves(tree).filter((tensor) => !tensor.kept);
  for (const tensor of own) keep(tensor);
  return { tree, dispose: () => dispose([...own]) };
};

/** Runs `body`. If it throws, disposes the objects that it passed to `opened`. */
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

/** Disposes the tensors of `tree` that `keep` does not contain. */
export const release = (tree: unknown, keep?: unknown): void => {
  const others = new Set(leaves(keep));
  dispose(leaves(tree).filter((tensor) => !others.has(tensor) && !tensor.isDisposed));
};

/** Runs `next(state)` in a scope. Disposes the tensors of the old state that the new state does not contain. */
export const advance = <S extends object>(state: S, next: (state: S) => S): S => {
  const result = scoped(() => next(state));
  release(state, result);
  return result;
};

/**
 * Runs `body` off the tape: its results are constants to surrounding gradients.
 *
 * @remarks tfjs has no stop-gradient, and a gradient inside a custom gradient destroys the outer tape. This function
 * restores the state of tfjs's engine, also after a throw.
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

/** Returns whether operations are recorded on a tape. If not, work that only a gradient needs can be skipped. */
export const recording = (): boolean => {
  const { gradientDepth, kernelDepth } = engine().state;
  return gradientDepth > 0 && kernelDepth === 0;
};
