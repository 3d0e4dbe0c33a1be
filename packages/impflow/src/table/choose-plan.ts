import { release } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import { runKey } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import type { OnEvent } from '../events.ts';
import { number } from '../text/format.ts';
import { train as trainFor, type TrainingTask } from '../train/train.ts';
import { batchesOf } from './batches.ts';
import { newLearner } from './learner.ts';
import type { Part } from './part.ts';
import type { TablePlan } from './plan.ts';
import type { TableParts } from './split.ts';
import { validateOn } from './validation.ts';

/** Options of {@link choosePlan}. */
interface ChoosePlanOptions {
  readonly registries: Registries;
  readonly onEvent: OnEvent;
  /** Signal whose abort ends the choice with the plans that were compared so far. */
  readonly signal?: AbortSignal | undefined;
  /** Returns the remaining seconds of the training. */
  readonly secondsLeft: () => number;
}

/** Share of the remaining time that each short training takes. */
const SHARE = 0.06;

/**
 * Trains each plan for a short time with a complete schedule of the learning rate, and returns the plan with the lowest
 * loss on the validation rows. The weights of the short trainings are dropped. With one plan, nothing is trained.
 *
 * @remarks The first level of successive halving. Takes 6 % of the remaining time for each plan. On tables of 8 to 36
 * columns, the order after 50 steps was the order after 600 steps: see docs/decisions/031-a-minute-well-spent.md.
 * @see Jamieson and Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, 2016,
 * arXiv:1502.07943.
 */
export const choosePlan = async (
  parts: TableParts,
  train: Part,
  plans: readonly TablePlan[],
  { registries, onEvent, signal, secondsLeft }: ChoosePlanOptions,
): Promise<TablePlan> => {
  if (plans.length === 1) return plans[0]!;
  const seconds = SHARE * secondsLeft();
  const losses: number[] = [];
  for (const plan of plans) {
    if (signal?.aborted === true) break;
    losses.push(await lossAfter(seconds, parts, train, plan, { registries, signal }));
  }
  const best = plans[losses.indexOf(Math.min(...losses))] ?? plans[0]!;
  for (const [index, loss] of losses.entries())
    onEvent({
      kind: 'choice',
      of: 'actNorm',
      candidate: plans[index]!.settings.actNorm === true ? 'with' : 'without',
      loss,
      taken: plans[index] === best,
      text: `Short training ${plans[index]!.settings.actNorm === true ? 'with' : 'without'} act-norms: ${number(-loss, 5)} nats on the validation rows.${plans[index] === best ? '' : ' Not taken.'}`,
    });
  return best;
};

/** Returns the lowest validation loss of a training of some seconds. */
const lossAfter = async (
  seconds: number,
  parts: TableParts,
  train: Part,
  { spec, settings }: TablePlan,
  { registries, signal }: Pick<ChoosePlanOptions, 'registries' | 'signal'>,
): Promise<number> => {
  const batches = batchesOf(parts, train, spec, settings);
  const { learner, state } = newLearner(spec, settings, batches, registries);
  try {
    const task: TrainingTask = {
      model: learner.model,
      loss: learner.loss,
      ...batches,
      validate: validateOn(learner.density, parts.validation),
      validateFirst: false,
      stopsEarly: false,
    };
    const { state: end } = await trainFor(task, settings, {
      key: runKey(settings.seed, 'steps'),
      onEvent: () => {},
      signal,
      state,
      secondsLeft: seconds,
    });
    release(end);
    return end.best?.nats ?? Infinity;
  } finally {
    release(state);
    dispose([...Object.values(learner.model.parameters), ...Object.values(learner.model.buffers)]);
  }
};
