import type { DataParallel } from '@impflow/training';
import { heldOut, type Validated } from 'impflow/run';
import { classHeldOut, classified } from '../classifier/classified.ts';
import { labeled } from '../classifier/labels.ts';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import type { ImageLearner } from '../model/image-learner.ts';

/** Options of {@link validateOnImages}. */
export interface ValidateOptions {
  /** Seed of the training, which the noise of the images depends on. */
  readonly seed: number;
  /** Workers that share each block. Default: none. */
  readonly parallel?: DataParallel | undefined;
}

/** The held-out loss of the current weights: `-log p` of images, or the cross-entropy of their classes. */
export const validateOnImages = (
  learner: ImageLearner,
  images: Images,
  { seed, parallel }: ValidateOptions,
): (() => Promise<Validated>) => {
  if (learner.kind === 'density') {
    const events = imageEvents(images, noiseKey(seed, 'validation'));
    return async () => heldOut(await modelOutputs(learner, events, { parallel }));
  }
  const { labels } = labeled(images);
  const events = imageEvents(images);
  return async () => {
    const found = classified(await modelOutputs(learner, events, { parallel }), learner.spec.classes);
    const { crossEntropy, standardError, accuracy } = classHeldOut(found, labels);
    return { nats: crossEntropy, standardError, accuracy: accuracy.mean };
  };
};
