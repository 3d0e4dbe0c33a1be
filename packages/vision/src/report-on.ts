import type { DataParallel } from '@impflow/training';
import { heldOut, quantilesOf, summaryOf, type Trained } from 'impflow/run';
import type { ImageContents } from './checkpoint/contents.ts';
import type { ClassifierReport, DensityReport, TrainingReport } from './checkpoint/report.ts';
import { auditOfImages, parametersOf } from './checkpoint/restored.ts';
import { evaluateClassifier } from './classifier/evaluate.ts';
import { labeled } from './classifier/labels.ts';
import { mostFrequent } from './classifier/most-frequent.ts';
import type { ImageParts } from './data/split-images.ts';
import { evaluateDensity } from './density/evaluate.ts';
import type { Images } from './images/images.ts';
import { inBits } from './measure/bits.ts';
import type { ImageLearner } from './model/image-learner.ts';
import type { ImageSettings } from './options/settings.ts';

/** Values that the report on a training contains, or from which it is computed. */
interface ReportOptions {
  readonly trained: Trained<ImageSettings>;
  readonly contents: Pick<ImageContents, 'classes'>;
  /** Workers that share the evaluation. Default: no workers. */
  readonly parallel: DataParallel | undefined;
  readonly backend: string;
  readonly remarks: readonly string[];
  /** Times at which the call started, reading ended and training ended, from `performance.now()`. */
  readonly times: Readonly<Record<'startedAt' | 'readAt' | 'trainedAt', number>>;
}

/** A report and, for a density, the quantiles of the log-densities of the test images. */
export interface Reported {
  readonly report: DensityReport | ClassifierReport;
  readonly quantiles?: readonly number[];
}

/** Evaluates the best weights of a training on the test images, and returns the report. */
export const reportOn = async (learner: ImageLearner, parts: ImageParts, options: ReportOptions): Promise<Reported> => {
  const { train, test } = parts;
  const { parallel, trained, contents } = options;
  if (learner.kind === 'classifier') {
    const evaluation = await evaluateClassifier(learner, labeled(test), { classes: contents.classes!, parallel });
    const rivals = [mostFrequent(labeled(train), labeled(test))] as const;
    return { report: { ...evaluation, ...trainingOf(learner, parts, options), rivals } };
  }
  const { seed } = trained.settings;
  const { evaluation, logDensities } = await evaluateDensity(learner, test, { seed, parallel });
  const { dim } = learner.flow;
  const pixels = inBits(heldOut(independentPixels(train, test)), dim);
  return {
    report: {
      ...evaluation,
      ...trainingOf(learner, parts, options),
      rivals: [{ name: 'independent pixels', ...pixels }],
      dim,
    },
    quantiles: quantilesOf(logDensities),
  };
};

const trainingOf = (
  learner: ImageLearner,
  { shape }: ImageParts,
  { trained: { settings, step, best }, backend, remarks, times: { startedAt, readAt, trainedAt } }: ReportOptions,
): TrainingReport => {
  const lipschitz = summaryOf(auditOfImages(learner));
  const now = performance.now();
  return {
    model: settings.model,
    steps: step,
    bestStep: best?.step ?? step,
    parameters: parametersOf(learner.model.parameters),
    shape,
    lipschitz,
    workers: settings.workers,
    memory: settings.memory ?? 'keep',
    backend,
    time: {
      reading: (readAt - startedAt) / 1000,
      training: (trainedAt - readAt) / 1000,
      evaluation: (now - trainedAt) / 1000,
      total: (now - startedAt) / 1000,
    },
    remarks,
  };
};

const LEVELS = 256;

/**
 * Returns `log p` of each image, `[images]`, under a density with independent pixels. The distribution of each pixel
 * value is the distribution of its gray levels in `train`, with one added to the count of each level (Laplace). Noise
 * in `[0, 1)` does not change the result.
 *
 * @remarks Computes in float64, and needs 256 counts for each value of an image.
 */
export const independentPixels = (train: Images, images: Images): Float64Array => {
  const size = train.pixels.length / train.count;
  const counts = new Uint32Array(size * LEVELS).fill(1);
  for (let i = 0; i < train.pixels.length; i++) counts[(i % size) * LEVELS + train.pixels[i]!]! += 1;
  const total = Math.log(train.count + LEVELS);
  return Float64Array.from({ length: images.count }, (_, image) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += Math.log(counts[at * LEVELS + images.pixels[image * size + at]!]!) - total;
    return sum;
  });
};
