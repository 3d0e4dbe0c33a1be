import { FlowError } from '@impflow/core';
import type { ScoreOptions } from '../kinds/answer.ts';

/** Makes the error for a command that needs the columns of a table, when it is called on a run on images. */
export const needsColumns = (command: string, folder: string, what: 'images' | 'a classifier'): FlowError =>
  new FlowError('option', 'cli', `${command} does not apply to ${folder}`, {
    expected: 'a run on the rows of a table',
    got: what === 'images' ? 'a run on images' : what,
    hint: 'Train on a table first: impflow train --data rows.csv.',
  });

/** @throws `option` for options of `score` that need the columns of a table. */
export const assertNoColumnOptions = (
  { explain = false, repair = false, alarm, given }: ScoreOptions,
  folder: string,
  what: 'images' | 'a classifier',
): void => {
  if (explain) throw needsColumns('--explain', folder, what);
  if (repair) throw needsColumns('--repair', folder, what);
  if (alarm !== undefined) throw needsColumns('--alarm', folder, what);
  if (given !== undefined) throw needsColumns('--given', folder, what);
};
