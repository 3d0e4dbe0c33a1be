import { release, scoped } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  optimizers,
  restoreVariables,
  runKey,
  stateFrom,
  type Checkpoint,
  type DataParallel,
  type TrainingState,
} from '@impflow/training';
import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { OnEvent } from 'impflow';
import { building, methodSpec, tellEarlyEnd, train, type TrainingEnd, heldOut, type Validated } from 'impflow/run';
import type { ImageContents } from '../checkpoint/contents.ts';
import { classHeldOut, classified } from '../classifier/classified.ts';
import { labeled } from '../classifier/labels.ts';
import { imageEvents, noiseKey } from '../images/events.ts';
import type { Images } from '../images/images.ts';
import { modelOutputs } from '../measure/model-outputs.ts';
import { buildImageModel, type ImageLearner } from '../model/image-learner.ts';
import type { ImageSettings } from '../options/settings.ts';
import type { ImagePlan } from './plan.ts';

/** How a training on images runs. */
interface RunImagesOptions {
  readonly settings: ImageSettings;
  /** Images that choose. */
  readonly validation: Images;
  readonly registries: Registries;
  readonly onEvent: OnEvent;
  readonly signal?: AbortSignal | undefined;
  /** Workers that share each step and each validation. Default: none. */
  readonly parallel?: DataParallel | undefined;
  /** Seconds that are left of a timed training. */
  readonly secondsLeft: () => number;
  /** Steps after which the training pauses. */
  readonly until?: number | undefined;
  /** Saves a checkpoint. Default: nothing is saved. */
  readonly save?: ((checkpoint: Uint8Array) => Promise<void>) | undefined;
  /** Checkpoint to continue from. */
  readonly resume?: Checkpoint | undefined;
  /** What the checkpoint stores beside the options. */
  readonly contents: Omit<ImageContents, 'options'>;
}

/** The end of a training on images. */
export interface TrainedImages {
  /** Why it ended. */
  readonly stopped: TrainingEnd['stopped'];
  /** The settings with the number of steps. */
  readonly settings: ImageSettings;
  /** Steps taken. */
  readonly step: number;
  /** Best validation. */
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
  /** Seconds of each step without a validation. */
  readonly stepSeconds: readonly number[];
  /** The checkpoint, with the state of the training. */
  readonly checkpoint: Checkpoint;
}

/** Seconds that a timed training gets at least. */
const LEAST_SECONDS = 1;

/** Trains by a plan. */
export const runImages = async (plan: ImagePlan, options: RunImagesOptions): Promise<TrainedImages> => {
  const { settings, validation, onEvent, signal, parallel, until, save, resume, contents } = options;
  const { seed } = settings;
  const { learner, state: from } = begin(plan, options);
  const encoded = (state: TrainingState, steps: Pick<ImageSettings, 'steps' | 'horizon'>): Promise<Uint8Array> =>
    encodeCheckpoint({
      spec: plan.spec,
      seed,
      extra: { ...contents, options: { ...settings, ...steps } } satisfies ImageContents,
      model: learner.model,
      state,
    });
  const seconds =
    settings.seconds === undefined || resume !== undefined ? undefined : Math.max(LEAST_SECONDS, options.secondsLeft());
  try {
    if (save !== undefined && resume === undefined) await save(await encoded(from, settings));
    const end = await train(
      {
        model: learner.model,
        loss: learner.loss,
        shape: plan.shape,
        rowsOfStep: plan.rowsOfStep,
        validate: validateOnImages(learner, validation, { seed, parallel }),
        validateFirst: false,
        isPatient: true,
      },
      settings,
      {
        key: runKey(seed, 'steps'),
        onEvent,
        signal,
        parallel,
        state: from,
        seconds,
        until,
        ...(save === undefined ? {} : { save: async (state, steps) => save(await encoded(state, steps)) }),
      },
    );
    const { stopped, state, stepSeconds } = end;
    if (stopped !== 'aborted') tellEarlyEnd(end, settings, onEvent);
    const length = seconds === undefined || stopped === 'aborted' ? {} : { steps: state.step, horizon: state.step };
    const done = { ...settings, ...length };
    const checkpoint = decodeCheckpoint(await encoded(state, done), 'the training');
    const { best } = state;
    release(state);
    return {
      stopped,
      settings: done,
      step: checkpoint.step,
      ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
      stepSeconds,
      checkpoint,
    };
  } finally {
    release(from);
    dispose([...Object.values(learner.model.parameters), ...Object.values(learner.model.buffers)]);
  }
};

/** The model of a plan with the weights that it begins with, and the state of its training. */
const begin = (
  { spec, shape, rowsOfStep }: ImagePlan,
  { settings: { seed, optimizer, memory = 'keep' }, registries, resume }: RunImagesOptions,
): { readonly learner: ImageLearner; readonly state: TrainingState } => {
  if (resume !== undefined) {
    const learner = building('The checkpoint', () => buildImageModel(spec, { registries, memory }));
    restoreVariables(learner.model.parameters, resume.tensors, 'parameters');
    restoreVariables(learner.model.buffers, resume.tensors, 'buffers');
    return { learner, state: stateFrom(resume.tensors, resume.training!) };
  }
  const learner = buildImageModel(spec, { key: runKey(seed, 'weights'), registries, memory });
  scoped(() => learner.start(tensor(rowsOfStep(0), [...shape]), runKey(seed, 'steps')));
  const slots = optimizers.create(methodSpec('optimizer', optimizer)).init(learner.model.parameters);
  return { learner, state: { step: 0, optimizer: slots, sinceBest: 0 } };
};

/** Options of {@link validateOnImages}. */
export interface ValidateOptions {
  /** Seed of the training, which the noise of the images depends on. */
  readonly seed: number;
  /** Workers that share each block. Default: none. */
  readonly parallel?: DataParallel | undefined;
}

/** The held-out loss of the current weights: `-log p` of images, or the cross-entropy of their classes. */
const validateOnImages = (
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
