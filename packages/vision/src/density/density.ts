import type { FlowSpec } from '@impflow/flows';
import { assertShape } from '../images/assert-shape.ts';
import { imageEvents, noiseKey, type Events } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import type { DensityLearner } from '../model/image-learner.ts';
import { drawSamples, type DrawSamplesOptions } from './draw-samples.ts';
import { evaluateDensity, type DensityEvaluation } from './evaluate.ts';
import { interpolate, type InterpolateOptions } from './interpolate.ts';
import { thereAndBack } from './reconstruction.ts';
import { scoreDensity, type DensityScores, type ScoreDensityOptions } from './score.ts';

/**
 * The functions of a trained density of images. The functions throw an `input` error if the size of given images
 * differs from the size that the density was trained on.
 */
export interface ImageDensity {
  /** Always `density`; distinguishes a density from a classifier. */
  readonly kind: 'density';
  /** The spec of the flow. */
  readonly spec: FlowSpec;
  /**
   * Measures the mean log-density and other results on images that the density was not trained on.
   *
   * @throws `convergence` if a log-density is not finite, or if no solve succeeded.
   */
  evaluate(images: Images): Promise<DensityEvaluation>;
  /**
   * Scores images.
   *
   * @throws `convergence` if no image has a log-density.
   */
  score(images: Images): Promise<DensityScores>;
  /**
   * Draws random images from the density.
   *
   * @throws `convergence` if an image is not finite.
   */
  sample(count: number, options?: DrawSamplesOptions): Images;
  /**
   * Interpolates between successive images (1 and 2, 3 and 4, ...), along arcs in the base space of the flow. Returns
   * `pairs * steps` images.
   */
  interpolate(images: Images, options?: InterpolateOptions): Images;
  /** Applies the flow and then its inverse to images. The results differ from the images only by rounding errors. */
  reconstruct(images: Images): Images;
}

/** Returns the size of the images that a spec describes. */
export const shapeOf = ({ shape }: Pick<FlowSpec, 'shape'>): Images['shape'] => shape as unknown as Images['shape'];

/** Returns the functions of a density with its best weights. The options are the options of `scoreDensity`. */
export const densityOf = (learner: DensityLearner, options: ScoreDensityOptions): ImageDensity => {
  const { seed } = options;
  const { flow, spec } = learner;
  const shape = shapeOf(spec);
  const noised = (images: Images): Events => {
    assertShape(images, shape);
    return imageEvents(images, noiseKey(seed, 'test'));
  };
  return {
    kind: 'density',
    spec,
    evaluate: async (images) => {
      assertShape(images, shape);
      return (await evaluateDensity(learner, images, { seed })).evaluation;
    },
    score: async (images) => {
      assertShape(images, shape);
      return scoreDensity(learner, images, options);
    },
    sample: (count, options) => imagesOf(drawSamples(flow, count, options), shape, 'samples'),
    interpolate: (images, options) => imagesOf(interpolate(flow, noised(images), options), shape, images.source),
    reconstruct: (images) => imagesOf(thereAndBack(flow, noised(images)), shape, images.source),
  };
};

/**
 * Converts gray levels with noise, `[count, ...shape]`, to images. The numbers are rounded down and clipped to the
 * range 0 to 255. NaN becomes 0.
 *
 * @param source Origin of the images, for messages.
 */
export const imagesOf = (values: Float32Array, shape: Images['shape'], source: string): Images => ({
  shape,
  count: values.length / (shape[0] * shape[1] * shape[2]),
  pixels: Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.floor(value)))),
  source,
});
