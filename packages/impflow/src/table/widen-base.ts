import { widenMixture, type NormalizingFlow } from '@impflow/flows';
import { assignVariables, preserving, withParameters, type Trainable, type TrainingState } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';

/** Ratio of two consecutive widening factors that are tried. */
const STEP = 1.05;
/** Largest number of widening factors that are tried. The largest factor is about 7. */
const MOST = 40;

/**
 * Widens the fitted mixture that is the base of a flow, as long as this lowers the validation loss. A mixture that is
 * fitted to few rows is too narrow for new rows, because the training rows lie closer to the components of the mixture
 * than new rows do. Returns the factor by which the standard deviations were multiplied, at least 1.
 *
 * @param loss Returns the loss on rows that the training did not use.
 * @remarks With many rows, widening costs two validations.
 */
export const widened = async ({ base }: NormalizingFlow, loss: () => Promise<number>): Promise<number> => {
  let [factor, best] = [1, await loss()];
  for (let i = 0; i < MOST; i++) {
    widenMixture(base, STEP);
    const next = await loss();
    // The comparison is negated, so that a NaN loss counts as worse.
    if (!(next < best)) {
      widenMixture(base, 1 / STEP);
      break;
    }
    [factor, best] = [factor * STEP, next];
  }
  return factor;
};

/** Runs `body` with the weights that had the lowest validation loss, and then restores the model. */
export const atBest = <T>(
  model: Trainable,
  { best }: Pick<TrainingState, 'best'>,
  body: () => Promise<T>,
): Promise<T> =>
  preserving(model.buffers, () =>
    best === undefined
      ? body()
      : withParameters(model.parameters, best.parameters, () => {
          assignVariables(model.buffers, best.buffers);
          return body();
        }),
  );

/**
 * Applies `change` to the weights that had the lowest validation loss, and then restores the model. Returns the state
 * with the changed weights. `best.nats` is still the loss before the change. A training that is extended later compares
 * losses without widening. It therefore finds the same best step as an uninterrupted training.
 */
export const changedBest = async (
  model: Trainable,
  state: TrainingState,
  change: () => Promise<void>,
): Promise<TrainingState> => {
  const { best } = state;
  if (best === undefined) return state;
  const parameters = await atBest(model, state, async () => {
    await change();
    return Object.fromEntries(Object.entries(model.parameters).map(([name, value]) => [name, value.clone()]));
  });
  dispose(Object.values(best.parameters));
  return { ...state, best: { ...best, parameters } };
};
