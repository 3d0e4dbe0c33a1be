import { assignVariables, preserving, withParameters, type Trainable, type TrainingState } from '@impflow/training';

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
