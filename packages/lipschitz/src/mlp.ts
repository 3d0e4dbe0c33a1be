import { fold, type Contraction, type Key } from '@impflow/core';
import { checkedActivation } from './checked-activation.ts';
import { dense } from './dense.ts';
import type { Layer } from './layer.ts';
import { sequential } from './sequential.ts';
import { sinActivation } from './sine.ts';

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Number of features `d` of the input and the output. */
  readonly dim: number;
  /** Widths of the hidden layers. Default `[128, 128]`; `[64, 64]` for {@link sandwich}. */
  readonly hidden?: readonly number[];
  /** Makes the activation between two dense layers. Default {@link sinActivation}. */
  readonly activation?: () => Layer;
  /** Cap on the spectral norm of each dense layer, in `(0, 1)`. Default 0.97. */
  readonly coeff?: number;
  /** Random key for the initial weights. */
  readonly key: Key;
}

/**
 * A net of dense layers with activations between them, `[B, d] -> [B, d]`. The last layer starts as zero, so that a
 * block starts as the identity.
 *
 * @throws `option` if `coeff` is not positive, or the product of the Lipschitz constants is not below 1.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, drawNormal } from '@impflow/core';
 * import { lipSwish, mlp } from '@impflow/lipschitz';
 *
 * await wasm().start();
 * const g = mlp({ dim: 3, hidden: [16, 16], activation: lipSwish, coeff: 0.9, key: key(0) });
 * console.log(g.lipschitz); // 0.9^3
 * g.apply(drawNormal(key(1), [4, 3])).print();
 * ```
 */
export const mlp = ({
  dim,
  hidden = [128, 128],
  activation = sinActivation,
  coeff = 0.97,
  key,
}: MlpOptions): Contraction => sequential([dim], mlpLayers({ dim, hidden, activation, coeff, key }));

/** Returns the layers of {@link mlp}: dense layers at even indices, activations at odd indices. */
export const mlpLayers = ({ dim, hidden, activation, coeff, key }: Required<MlpOptions>): readonly Layer[] => {
  const widths = [dim, ...hidden, dim];
  return widths.slice(1).flatMap((outputs, i) => {
    const last = i === hidden.length;
    const layer = dense({ inputs: widths[i]!, outputs, coeff, key: fold(key, i), zero: last });
    return last ? [layer] : [layer, checkedActivation(activation())];
  });
};
