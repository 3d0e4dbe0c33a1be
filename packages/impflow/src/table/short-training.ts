import { isFlowError, release } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { runKey } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import { FITTED } from '../options/settings.ts';
import { train } from '../train/train.ts';
import { batchesOf } from './batches.ts';
import type { Part } from './part.ts';
import type { TableParts } from './split.ts';
import { startOfPlan } from './start-of-plan.ts';
import type { TablePlan } from './table-plan.ts';
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
  plan: TablePlan,
  { registries, signal }: ShortTrainingOptions,
): Promise<number | undefined> => {
  const { spec, settings } = plan;
  const batches = batchesOf(parts, rows, spec, settings);
  let started: ReturnType<typeof startOfPlan> | undefined;
  try {
    started = startOfPlan(plan, batches, parts, registries);
    const { learner } = started;
    const task = {
      model: learner.model,
      loss: learner.loss,
      ...batches,
      validate: validateOn(learner.density, parts.validation),
      // The lowest loss of a training that starts from the mixture may be the loss of the mixture itself.
      validateFirst: settings.base === FITTED,
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
