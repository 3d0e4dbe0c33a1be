import { isFlowError, release } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import { runKey } from '@impflow/training';
import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { Settings } from '../options/settings.ts';
import { startingPoint } from '../train/train-to-checkpoint.ts';
import { train } from '../train/train.ts';
import { batchesOf } from './batches.ts';
import { buildLearner, initializeLearner, type Learner } from './learner.ts';
import type { Part } from './part.ts';
import type { TableParts } from './split.ts';
import { validateOn } from './validation.ts';

/** Options of {@link lossOfShortTraining}. */
export interface ShortTrainingOptions {
  readonly registries: Registries;
  /** Signal whose abort ends the training after the current step. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a new flow for some seconds, without workers. Drops the flow and returns its lowest validation loss, in nats
 * per row. The schedule of the learning rate is complete: the rate falls as in a long training, because losses at a
 * high rate do not predict the order of the final losses. Returns Infinity for a flow that cannot be trained, because
 * its first log-densities or a step are not finite. Returns undefined after an abort.
 */
export const lossOfShortTraining = async (
  seconds: number,
  parts: TableParts,
  rows: Part,
  { spec, settings }: { readonly spec: RecordsSpec; readonly settings: Settings },
  { registries, signal }: ShortTrainingOptions,
): Promise<number | undefined> => {
  const batches = batchesOf(parts, rows, spec, settings);
  let started: ReturnType<typeof startingPoint<Learner>> | undefined;
  try {
    started = startingPoint(
      settings,
      undefined,
      (building) => buildLearner(spec, { ...building, registries }),
      (own, key) => initializeLearner(own, tensor(batches.rowsOfStep(0), [...batches.shape]), key),
    );
    const { learner } = started;
    const task = {
      model: learner.model,
      loss: learner.loss,
      ...batches,
      validate: validateOn(learner.density, parts.validation),
      validateFirst: false,
      stopsEarly: false,
    };
    const { state, stopped } = await train(task, settings, {
      key: runKey(settings.seed, 'steps'),
      onEvent: () => {},
      signal,
      state: started.state,
      secondsLeft: seconds,
    });
    release(state);
    return stopped === 'aborted' ? undefined : (state.best?.nats ?? Infinity);
  } catch (error) {
    if (!isFlowError(error, 'convergence') && !isFlowError(error, 'option')) throw error;
    return Infinity;
  } finally {
    if (started !== undefined) {
      release(started.state);
      dispose([...Object.values(started.learner.model.parameters), ...Object.values(started.learner.model.buffers)]);
    }
  }
};
