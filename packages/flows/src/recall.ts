import { holding, type Contraction, type Disposable, type NetLinearization, type Pair } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BlockMethods } from './block-options.ts';

/**
 * Data that the forward pass saves for the backward pass of one net. With `memory: 'keep'`, the data are the
 * linearization, and the `pair` fields of the log-determinant estimates. With `memory: 'budget'`, the data are the
 * point at which the backward pass linearizes the net again, and the tangents and cotangents of the estimates.
 */
export type Recall =
  | { readonly g: NetLinearization; readonly pairs: readonly (Disposable & { readonly tree: Pair })[] }
  /** Data that is saved with `memory: 'budget'`. */
  | {
      readonly point: Tensor;
      readonly condition: Tensor | undefined;
      readonly pairs: readonly { readonly tangents: Tensor; readonly cotangents: Tensor }[];
    };

/**
 * Saves the linearization `g` for the backward pass, as the option `memory` of `RootOptions` describes. Takes ownership
 * of `g`.
 */
export const recall = (
  g: NetLinearization,
  point: Tensor,
  condition: Tensor | undefined,
  pairs: readonly Pair[],
  { memory }: BlockMethods,
): Recall => {
  if (memory === 'keep') return { g, pairs: pairs.map(holding) };
  const saved = {
    point,
    condition,
    pairs: pairs.map(({ pushed, cotangents }) => ({ tangents: pushed.tangents.clone(), cotangents })),
  };
  g.dispose();
  return saved;
};

/**
 * Calls `body` with the saved linearization and pairs. If only the point was saved, the function linearizes the net
 * again at this point and disposes the new linearization after the call.
 */
export const recalled = <R>(
  saved: Recall,
  net: Contraction,
  body: (g: NetLinearization, pairs: readonly Pair[]) => R,
): R => {
  if ('g' in saved)
    return body(
      saved.g,
      saved.pairs.map(({ tree }) => tree),
    );
  const { point, condition, pairs } = saved;
  const g = net.linearize(point, { condition });
  try {
    return body(
      g,
      pairs.map(({ tangents, cotangents }) => ({ pushed: g.push(tangents), cotangents })),
    );
  } finally {
    g.dispose();
  }
};
