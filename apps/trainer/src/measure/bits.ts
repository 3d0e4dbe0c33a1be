import type { HeldOut } from './held-out.ts';

/** Of a density of grey levels under uniform noise, `-log2 p(x) / d`: at least the code length of the bytes, per number. */
export interface BitsPerDim {
  readonly mean: number;
  /** Of that mean. */
  readonly standardError: number;
  /** Ends of an interval that holds the mean over all such images with 95 % probability. */
  readonly low: number;
  readonly high: number;
}

/** A held-out result of images. */
export interface ImageHeldOut extends HeldOut {
  readonly bitsPerDim: BitsPerDim;
}

/** Nats of a row to bits of each of its `dim` numbers. */
export const bitsOf = (nats: number, dim: number): number => nats / (dim * Math.LN2);

/** The two-sided 95 % point of the normal distribution. */
export const Z95 = 1.959964;

/** @see Theis, van den Oord, Bethge, A note on the evaluation of generative models, ICLR 2016, arXiv:1511.01844, section 3.1. */
export const inBits = (figures: HeldOut, dim: number): ImageHeldOut => {
  const [mean, standardError] = [bitsOf(figures.nats, dim), bitsOf(figures.standardError, dim)];
  return { ...figures, bitsPerDim: { mean, standardError, low: mean - Z95 * standardError, high: mean + Z95 * standardError } };
};
