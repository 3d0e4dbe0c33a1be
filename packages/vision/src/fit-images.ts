import type { BackendAdapter } from '@impflow/core';
import type { ClassifierSpec, FlowSpec, Registries } from '@impflow/flows';
import { runKey, type Checkpoint, type DataParallel } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import type { FitEvent, OnEvent } from 'impflow';
import {
  checkedCheckpoint,
  checkOptions,
  chosenRegistries,
  ensureBackend,
  number,
  plainChoices,
  type DataPlace,
  type Provenance,
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
import { completeImageSettings, taskOf, type ImageSettings, type PlainImageChoices } from './options/settings.ts';
import { reportOn } from './report-on.ts';
import { planImages, type ImagePlan } from './train/plan.ts';
import { runImages, type TrainedImages } from './train/run-images.ts';

/** A training that is about to begin, as a program that chooses a backend sees it. */
export interface StartingImages {
  /** The model. */
  readonly spec: FlowSpec | ClassifierSpec;
  /** The complete options. */
  readonly settings: Omit<ImageSettings, 'workers'>;
  /** The first batch. */
  readonly rows: Float32Array;
}

/** Options of {@link fitImages}: those of `IMAGE_OPTIONS`, and what is no plain JSON. */
export interface FitImagesOptions extends ImageChoices {
  /** The methods that options may name. */
  readonly registries: Registries;
  /** Receives what happens. Default: nothing does. */
  readonly onEvent?: OnEvent;
  /** Ends the training after the step in work. */
  readonly signal?: AbortSignal;
  /** Backend to start. Default: the one that runs, else WebAssembly. */
  readonly adapter?: BackendAdapter;
  /** Starts a backend that is chosen for the training. Default: none is chosen. */
  readonly chooseBackend?: (starting: StartingImages) => Promise<void>;
  /** Starts the workers of a training, whose module builds the model with `buildImageModel`. Default: none. */
  readonly startWorkers?: (spec: ImagePlan['spec'], settings: ImageSettings) => Promise<DataParallel | undefined>;
  /** Number of workers for a batch of so many images of so many numbers. Default: one, which is the calling thread. */
  readonly countWorkers?: (batch: number, dim: number) => number;
  /** Where the images come from, to find them again: see `loadImages`. Default: they are not found again. */
  readonly place?: DataPlace;
  /** Stored with the origin of the model. */
  readonly provenance?: Partial<Provenance>;
  /** Stored beside it: see `ImageContents`. Called when the backend runs. */
  readonly program?: () => NonNullable<ImageContents['program']>;
  /** Start of the training, as `performance.now()` gives it: a timed one counts from there. Default: now. */
  readonly startedAt?: number;
  /** Steps after which the training pauses, without an evaluation. */
  readonly until?: number;
  /** Saves a checkpoint: before the first step, after each validation, every half minute, and at the end. */
  readonly save?: (checkpoint: Uint8Array) => Promise<void>;
  /** Checkpoint to continue from, with its own options but for `steps`, `patience` and `memory`. */
  readonly resume?: Checkpoint;
  /** Called when the training is planned, before it begins. */
  readonly onPlan?: (plan: { readonly spec: ImagePlan['spec']; readonly settings: ImageSettings }) => Promise<void>;
}

/** The end of {@link fitImages}. */
export type FitImagesEnd =
  | ({
      readonly stopped: 'steps' | 'early-stopping';
      readonly model: ImageModel;
      readonly report: DensityReport | ClassifierReport;
      readonly parts: ImageParts;
    } & Trained)
  | ({ readonly stopped: 'aborted' } & Trained);

/** What a training has, however it stops. */
type Trained = Pick<TrainedImages, 'settings' | 'step' | 'best' | 'stepSeconds' | 'checkpoint'>;

/** Options of {@link fitImages} that are no choices. */
const OTHERS = [
  'registries',
  'onEvent',
  'signal',
  'adapter',
  'chooseBackend',
  'startWorkers',
  'countWorkers',
  'place',
  'provenance',
  'program',
  'startedAt',
  'until',
  'save',
  'resume',
  'onPlan',
] as const;

/**
 * Trains a density of images, or a classifier of images with labels: splits them, trains and evaluates. It prints
 * nothing.
 *
 * @throws `input` for images that cannot be trained on; `option` for wrong options; `convergence` if a step is not
 * finite.
 */
export const fitImages = async (images: ImageSource, options: FitImagesOptions): Promise<FitImagesEnd> => {
  const { startedAt = performance.now(), onEvent: told = () => {}, signal, resume } = options;
  checkOptions(options, IMAGE_OPTIONS, OTHERS);
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
    const trained = await runImages(plan, {
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
    onEvent({ kind: 'remark', text: `Judging the best weights by ${number(parts.test.count)} test images.` });
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
  { resume, steps, patience, memory }: FitImagesOptions,
): Omit<ImageSettings, 'workers'> =>
  resume === undefined
    ? completeImageSettings(choices, { source, rows: train.count })
    : {
        ...contentsIn(resume).options,
        ...(steps === undefined ? {} : { steps }),
        ...(patience === undefined ? {} : { patience }),
        ...(memory === undefined ? {} : { memory }),
      };

const partsText = ({ train, validation, test }: ImageParts, { classes }: ImagePlan): string =>
  `${number(train.count)} images${classes === undefined ? '' : ` of ${classes.length} classes`} to train on; validation on ${number(validation.count)} others, test on ${number(test.count)}.`;

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
