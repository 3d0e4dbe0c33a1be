import type { DataParallel } from '@impflow/training';
import { heldOut, quantilesOf, summaryOf } from 'impflow/run';
import type { ImageContents } from './checkpoint/contents.ts';
import type { ClassifierReport, DensityReport, TrainingReport } from './checkpoint/report.ts';
import { auditOfImages, parametersOf } from './checkpoint/restored.ts';
import { evaluateClassifier } from './classifier/evaluate.ts';
import { labeled } from './classifier/labels.ts';
import { mostFrequent } from './classifier/most-frequent.ts';
import type { ImageParts } from './data/split-images.ts';
import { evaluateDensity } from './density/evaluate.ts';
import { independentPixels } from './density/independent-pixels.ts';
import { inBits } from './measure/bits.ts';
import type { ImageLearner } from './model/image-learner.ts';
import type { TrainedImages } from './train/run-images.ts';

/** What a report tells of its training. */
export interface ReportOptions {
  readonly trained: TrainedImages;
  readonly contents: Pick<ImageContents, 'classes'>;
  /** Workers that share the evaluation. Default: none. */
  readonly parallel: DataParallel | undefined;
  readonly backend: string;
  readonly remarks: readonly string[];
  /** Start, end of the reading, and end of the training, as `performance.now()` gives them. */
  readonly times: Readonly<Record<'startedAt' | 'readAt' | 'trainedAt', number>>;
}

/** A report, and for a density the quantiles of the log-densities of its test images. */
export interface Reported {
  readonly report: DensityReport | ClassifierReport;
  readonly quantiles?: readonly number[];
}

/** Evaluates the best weights of a training on its test images. */
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
