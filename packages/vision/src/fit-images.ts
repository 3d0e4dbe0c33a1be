import { runKey, type Checkpoint } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import type { FitEvent } from 'impflow';
import {
  checkedCheckpoint,
  checkOptions,
  chosenRegistries,
  ensureBackend,
  number,
  plainChoices,
  PROGRAM_OPTIONS,
  type ProgramOptions,
  type Trained,
} from 'impflow/run';
import { IMAGE_CONTENTS, type ImageContents } from './checkpoint/contents.ts';
import type { ClassifierReport, DensityReport } from './checkpoint/report.ts';
import { restored } from './checkpoint/restored.ts';
import { assertSame } from './checkpoint/same-images.ts';
import type { ImageSource } from './data/load-images.ts';
import { splitImages, type ImageParts } from './data/split-images.ts';
import { openImages, type ImageModel } from './open-images.ts';
import { checkImagesTogether, MODELS } from './options/check-together.ts';
import { IMAGE_OPTIONS, type ImageChoices } from './options/options.ts';
import {
  completeImageSettings,
  resumedImageSettings,
  taskOf,
  type ImageSettings,
  type PlainImageChoices,
} from './options/settings.ts';
import { reportOn } from './report-on.ts';
import { planImages, type ImagePlan } from './train/plan.ts';
import { trainImages } from './train/train-images.ts';

/** Options of {@link fitImages}: the options in `IMAGE_OPTIONS`, and the options that only programs pass. */
export interface FitImagesOptions extends ImageChoices, ProgramOptions<ImagePlan['spec'], ImageSettings> {}

/** Result of {@link fitImages}. */
export type FitImagesEnd =
  | ({
      readonly stopped: 'steps' | 'early-stopping';
      readonly model: ImageModel;
      readonly report: DensityReport | ClassifierReport;
      readonly parts: ImageParts;
    } & Common)
  | ({ readonly stopped: 'aborted' } & Common);

/** Fields that the results of completed and aborted trainings share. */
type Common = Omit<Trained<ImageSettings>, 'stopped'>;

/**
 * Trains a density of images, or a classifier of images with labels. `fitImages` splits the data set into training,
 * validation and test images, trains the model and evaluates it. `fitImages` prints nothing.
 *
 * @throws `input` for images that cannot be used for training; `option` for wrong options; `convergence` if the loss or
 * gradient of a step is not finite.
 */
export const fitImages = async (images: ImageSource, options: FitImagesOptions): Promise<FitImagesEnd> => {
  const { startedAt = performance.now(), onEvent: told = () => {}, signal, resume } = options;
  checkOptions(options, IMAGE_OPTIONS, PROGRAM_OPTIONS);
  signal?.throwIfAborted();
  if (resume !== undefined) checkedCheckpoint(resume, 'The checkpoint', IMAGE_CONTENTS);
  const choices: PlainImageChoices =
    resume === undefined ? plainChoices<typeof IMAGE_OPTIONS>(options, IMAGE_OPTIONS) : contentsIn(resume).options;
  if (resume === undefined) checkImagesTogether(choices);
  const registries = chosenRegistries(options.registries, choices, { models: MODELS[taskOf(choices)], bases: [] });
  const remarks: string[] = [];
  const onEvent = (event: FitEvent): void => {
    if (event.kind === 'remark') remarks.push(event.text);
    told(event);
  };
  const parts = splitImages(images, {
    key: runKey(choices.seed ?? IMAGE_OPTIONS.seed.default, 'data'),
    testImages: choices.testImages,
  });
  if (resume !== undefined) assertSame(parts, contentsIn(resume).provenance, 'the model');
  const planned = settingsFor(choices, parts, options);
  const plan = planImages(parts, planned, resume?.spec as ImagePlan['spec'] | undefined);
  onEvent({ kind: 'remark', text: partsText(parts, plan) });
  const readAt = performance.now();
  await options.chooseBackend?.({ spec: plan.spec, settings: planned, rows: plan.rowsOfStep(0) });
  const backend = await ensureBackend(options.adapter);
  const dim = parts.shape[0] * parts.shape[1] * parts.shape[2];
  const settings: ImageSettings = { ...planned, workers: options.countWorkers?.(planned.batch, dim) ?? 1 };
  await options.onPlan?.({ spec: plan.spec, settings });
  const contents = contentsOf(parts, plan, options);
  const parallel = await options.startWorkers?.(plan.spec, settings);
  try {
    const trained = await trainImages(plan, {
      settings,
      validation: parts.validation,
      registries,
      onEvent,
      signal,
      parallel,
      secondsLeft: () => settings.seconds! - (performance.now() - startedAt) / 1000,
      until: options.until,
      save: options.save,
      resume,
      contents,
    });
    const { stopped, checkpoint, ...common } = trained;
    if (stopped === 'aborted') return { ...common, stopped, checkpoint };
    const trainedAt = performance.now();
    const { learner } = restored(checkpoint, registries, 'The model');
    onEvent({ kind: 'remark', text: `Evaluating the best weights on ${number(parts.test.count)} test images.` });
    const { report, quantiles } = await reportOn(learner, parts, {
      trained,
      contents,
      parallel,
      backend,
      remarks,
      times: { startedAt, readAt, trainedAt },
    });
    dispose([...Object.values(learner.model.parameters), ...Object.values(learner.model.buffers)]);
    const whole: Checkpoint = {
      ...checkpoint,
      extra: {
        ...contents,
        options: trained.settings,
        ...(quantiles === undefined ? {} : { quantiles }),
        report,
      } satisfies ImageContents,
    };
    const model = openImages(whole, registries, 'The model');
    await options.save?.(model.toBytes());
    return { ...common, stopped, checkpoint: whole, model, report, parts };
  } finally {
    await parallel?.close();
  }
};

const contentsIn = ({ extra }: Checkpoint): ImageContents => extra as ImageContents;

const settingsFor = (
  choices: PlainImageChoices,
  { source, train }: ImageParts,
  given: FitImagesOptions,
): Omit<ImageSettings, 'workers'> => {
  const size = { source, rows: train.count };
  return given.resume === undefined
    ? completeImageSettings(choices, size)
    : resumedImageSettings(given, contentsIn(given.resume).options, { ...size, step: given.resume.step });
};

const partsText = ({ train, validation, test }: ImageParts, { classes }: ImagePlan): string =>
  `${number(train.count)} training images${classes === undefined ? '' : ` of ${classes.length} classes`}, ${number(validation.count)} validation images and ${number(test.count)} test images.`;

const contentsOf = (
  { source, hash, train, validation, test }: ImageParts,
  { classes }: ImagePlan,
  { place, provenance, program, resume }: FitImagesOptions,
): Omit<ImageContents, 'options'> => {
  if (resume !== undefined) {
    const { options: _options, quantiles: _quantiles, report: _report, ...kept } = contentsIn(resume);
    return { ...kept, ...(program === undefined ? {} : { program: program() }) };
  }
  return {
    ...(place === undefined ? {} : { data: place }),
    ...(classes === undefined ? {} : { classes }),
    ...(program === undefined ? {} : { program: program() }),
    provenance: {
      source,
      hash,
      rows: { train: train.count, validation: validation.count, test: test.count },
      created: new Date().toISOString(),
      ...provenance,
    },
  };
};
