import { percentile } from '@impflow/tables';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { bitsOf } from '../measure/bits.ts';
import { markNaN } from '../measure/finite.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { DensityLearner } from '../model/image-learner.ts';

/** Scores of images. Each array has one number per image. */
export interface DensityScores {
  /** Log-density `log p` of each image, in nats. */
  readonly logDensity: Float32Array;
  /** Bits per dimension of each image: `-log2 p / d`, where `d` is the number of values in an image. */
  readonly bitsPerDim: Float64Array;
  /**
   * For each image, the percentage of held-out images that have a lower density than the image. The percentage is NaN
   * for a model whose training was not finished.
   */
  readonly percentile: Float64Array;
  /** For each image, 1 if every solve converged, and otherwise 0. */
  readonly converged: Uint8Array;
}

/** Values on which a score depends, in addition to the model and the image. */
export interface ScoreDensityOptions {
  /** Seed of the training. */
  readonly seed: number;
  /**
   * Quantiles of the log-densities of held-out images, ascending. The list is empty for a training that was not
   * finished.
   */
  readonly quantiles: readonly number[];
  /** Number of held-out images. Default: the number of quantiles. */
  readonly heldOut?: number | undefined;
}

/**
 * Scores images. The noise of an image depends only on the seed of the training and on the index of the image, so
 * repeated calls return equal scores.
 *
 * @throws `convergence` if no image has a log-density.
 */
export const scoreDensity = async (
  learner: DensityLearner,
  images: Images,
  { seed, quantiles, heldOut }: ScoreDensityOptions,
): Promise<DensityScores> => {
  const converged = new Uint8Array(images.count).fill(1);
  const logDensity = await modelOutputs(learner, imageEvents(images, noiseKey(seed, 'test')), {
    report: ({ stats }, first) =>
      stats.converged.forEach((flag, i) => {
        if (flag === 0) converged[first + i] = 0;
      }),
  });
  markNaN(logDensity, converged);
  return {
    logDensity,
    bitsPerDim: Float64Array.from(logDensity, (nats) => bitsOf(-nats, learner.flow.dim)),
    percentile: Float64Array.from(logDensity, (nats) => percentile(nats, quantiles, heldOut)),
    converged,
  };
};
