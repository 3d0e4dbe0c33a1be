import { FlowError, sizeOf } from '@impflow/core';
import { implicitResNet, residualResNet, vanillaResNet, type ClassifierSpec, type ResNetOptions } from '@impflow/flows';
import { runKey } from '@impflow/training';
import { imageBatches } from '@impflow/vision';
import type { ImageData } from '../../dataset/split-images.ts';
import { classHeldOut, classified } from '../../measure/classified.ts';
import { imageEvents } from '../../measure/events.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import { wilson } from '../../measure/wilson.ts';
import { classifierModel } from '../../model/model.ts';
import { pluginSpec } from '../../plugins/plugin-spec.ts';
import type { DataSize, Settings } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { NATS_PER_IMAGE } from '../../terminal/unit.ts';
import { testPart } from '../images/data.ts';
import type { Plan } from '../plan.ts';
import { augmentation } from '../preset-options.ts';
import { classNames, labeled, type Labeled } from './labels.ts';
import { reportOnClasses, type Baseline } from './test-report.ts';

/** Size of the data of a classifier. */
export const classesSize = ({ name, shape, train }: ImageData): DataSize => ({
  name,
  rows: train.count,
  dim: sizeOf(shape),
});

/**
 * The plan of a classifier of images. Its inputs are the gray levels without noise. A row of a batch holds an image
 * and, last, its label.
 *
 * @throws `input` for images without labels or of a single class.
 */
export const classesPlan = (data: ImageData, settings: Settings, given?: ClassifierSpec): Plan => {
  const train = labeled(data.train);
  const validation = labeled(data.validation);
  const test = labeled(testPart(data.test, settings));
  const classes = classNames([train, validation, test]);
  if (classes.length < 2)
    throw new FlowError('input', 'cli', `Nothing to tell apart in ${data.source}`, {
      expected: 'images of two classes or more',
      got: classes.join() || 'none',
      hint: 'Bring images of other classes.',
    });
  const spec = given ?? classesSpec(data.shape, classes.length, settings);
  return {
    spec,
    size: classesSize(data),
    shape: [sizeOf(data.shape) + 1],
    record: { columns: [], dequantised: {}, classes },
    unit: NATS_PER_IMAGE,
    rowsOfStep: imageBatches(train, {
      size: settings.batch,
      key: runKey(settings.seed, 'batches'),
      labels: true,
      noise: false,
      ...augmentation(settings),
    }),
    remarks: [
      `${number(train.count)} images of ${classes.length} classes to train on; validation on ${number(validation.count)} others, test on ${number(test.count)}.`,
    ],
    testRemark: `Judging the best weights by ${number(test.count)} test images.`,
    build: (options) => {
      const model = classifierModel(spec, options);
      return {
        model,
        validate: async (parallel) => {
          const found = classified(await modelOutputs(model, imageEvents(validation), { parallel }), classes.length);
          const { crossEntropy, standardError, accuracy } = classHeldOut(found, validation.labels);
          return { nats: crossEntropy, standardError, accuracy: accuracy.mean };
        },
        test: (training) => reportOnClasses(model, { classes, test, baseline: mostFrequent(train, test) }, training),
      };
    },
  };
};

const PRESETS = { implicit: implicitResNet, residual: residualResNet, vanilla: vanillaResNet } as const;

const classesSpec = (
  shape: ImageData['shape'],
  classes: number,
  { model, widths = [16, 16, 32, 32], coeff, activation, solver }: Settings,
): ClassifierSpec => {
  const options: ResNetOptions = {
    shape,
    classes,
    widths,
    ...(coeff === undefined ? {} : { coeff }),
    ...(activation === undefined ? {} : { activation: pluginSpec('--activation', activation) }),
    ...(solver === undefined ? {} : { solver: pluginSpec('--solver', solver) }),
  };
  // `chooseKind` has rejected the models of densities.
  return PRESETS[model as keyof typeof PRESETS](options);
};

/**
 * The baseline that predicts the largest training class for every image, with the shares of the training classes, each
 * counted once more, as probabilities.
 */
const mostFrequent = (train: Labeled, test: Labeled): Baseline => {
  const counts = new Float64Array(256);
  for (const label of train.labels) counts[label]! += 1;
  const largest = counts.indexOf(Math.max(...counts));
  const hits = test.labels.reduce((sum, label) => sum + (label === largest ? 1 : 0), 0);
  const classes = counts.filter((count) => count > 0).length;
  const loss = (label: number): number => -Math.log((counts[label]! + 1) / (train.count + classes));
  return {
    name: 'most frequent class',
    crossEntropy: test.labels.reduce((sum, label) => sum + loss(label), 0) / test.count,
    accuracy: wilson(hits, test.count),
  };
};
