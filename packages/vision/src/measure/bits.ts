import type { HeldOut } from 'impflow';
import { Z95 } from './z95.ts';

/**
 * Bits per dimension, `-log2 p(x) / d`, of a density of images with `d` numbers each. Training and evaluation add
 * uniform noise to the gray levels. So `mean` is an upper bound on the mean number of bits per value that a lossless
 * code with the probabilities of the model needs for the gray levels without noise.
 */
export interface BitsPerDim {
  /** Mean over the images. */
  readonly mean: number;
  /** Standard error of the mean. */
  readonly standardError: number;
  /** Lower end of the 95 % confidence interval of the mean. */
  readonly low: number;
  /** Upper end of the 95 % confidence interval of the mean. */
  readonly high: number;
}

/** Held-out loss of images. */
export interface ImageHeldOut extends HeldOut {
  /** The loss in the field `nats`, converted to bits per dimension. */
  readonly bitsPerDim: BitsPerDim;
}

/** Converts nats per event to bits per dimension, for events of `dim` values. */
export const bitsOf = (nats: number, dim: number): number => nats / (dim * Math.LN2);

/**
 * Returns a held-out loss with the additional field `bitsPerDim`.
 *
 * @see Theis, van den Oord, Bethge, A note on the evaluation of generative models, ICLR 2016, arXiv:1511.01844, section
 * 3.1.
 */
export const inBits = (figures: HeldOut, dim: number): ImageHeldOut => {
  const [mean, standardError] = [bitsOf(figures.nats, dim), bitsOf(figures.standardError, dim)];
  return {
    ...figures,
    bitsPerDim: { mean, standardError, low: mean - Z95 * standardError, high: mean + Z95 * standardError },
  };
};
