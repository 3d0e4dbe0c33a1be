import { FlowError } from '@impflow/core';
import { readModel, type DataPlace, type TableContents } from 'impflow/run';
import type { Resumed } from '../../kinds/training.ts';
import type { RunPaths } from '../../run-folder/folder.ts';
import { checkUntil } from '../../settings/check-together.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { note } from '../../terminal/output.ts';

/** All contents of the checkpoint of a training except the model. */
interface Contents {
  readonly options?: Partial<Resumed['options']>;
  readonly data?: DataPlace;
  readonly program?: TableContents['program'];
}

/**
 * Reads the run in a folder, to continue its training.
 *
 * @throws `checkpoint` for a file that holds no training.
 */
export const readResumed = async (given: TrainOptions, { checkpoint: path }: RunPaths): Promise<Resumed> => {
  const { checkpoint } = await readModel(path);
  const { options, data, program } = (checkpoint.extra ?? {}) as Contents;
  if (options?.batch === undefined || data === undefined || checkpoint.training === undefined)
    throw new FlowError('checkpoint', 'cli', `${path} cannot be resumed`, {
      expected: 'a model with the state and the options of its training',
      got: 'a model alone',
      hint: 'Start a new run.',
    });
  const complete = options as Resumed['options'];
  const { steps = complete.steps } = given;
  // With `--epochs`, the number of steps is known only when the rows have been read.
  if (given.epochs === undefined) checkUntil(given.until, steps);
  if (steps > complete.horizon && complete.schedule === 'cosine')
    note(
      given,
      `The cosine schedule was planned for ${complete.horizon} steps. After these steps the learning rate stays at its minimum, 1 % of the initial rate.`,
    );
  return { checkpoint, options: complete, place: data, backend: program?.backend };
};
