import { assignVariables, preserving, withParameters, type Trainable, type TrainingState } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';

/** Runs `body` with the weights of the best validation, and then restores the model. */
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

/** Changes the weights of the best validation by `change`, and restores the model. Returns the state with them. */
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
