import { fold, type Contraction, type Key } from '@impflow/core';
import { dense } from './dense.ts';
import type { Layer } from './layer.ts';
import { sequential } from './sequential.ts';
import { sin } from './sine.ts';

export interface MlpOptions {
  readonly dim: number;
  /** Widths between. Default `[128, 128]`. */
  readonly hidden?: readonly number[];
  /** Makes the activation between two dense layers. Default {@link sin}. */
  readonly activation?: () => Layer;
  /** Cap on the spectral norm of each dense layer, in `(0, 1)`. Default 0.97. */
  readonly coeff?: number;
  readonly key: Key;
}

/** Dense layers with activations between them; the last layer starts as zero, so that a block starts as the identity. */
export const mlp = ({ dim, hidden = [128, 128], activation = sin, coeff = 0.97, key }: MlpOptions): Contraction =>
  sequential([dim], mlpLayers({ dim, hidden, activation, coeff, key }));

/** The layers of {@link mlp}: dense at even places, activations at odd ones. */
export const mlpLayers = ({ dim, hidden, activation, coeff, key }: Required<MlpOptions>): readonly Layer[] => {
  const widths = [dim, ...hidden, dim];
  return widths.slice(1).flatMap((outputs, i) => {
    const last = i === hidden.length;
    const layer = dense({ inputs: widths[i]!, outputs, coeff, key: fold(key, i), zero: last });
    return last ? [layer] : [layer, activation()];
  });
};
