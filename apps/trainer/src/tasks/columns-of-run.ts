import { FlowError } from '@impflow/core';
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { isRecordsSpec, isRowsSpec } from '../model/model.ts';
import { findRun } from '../run-folder/folder.ts';

/**
 * Names of the columns of a run on a table, conditions included.
 *
 * @throws `option` for a run on images.
 */
export const columnsOfRun = async (run: string): Promise<readonly string[]> => {
  const { spec, record } = await readCheckpoint((await findRun(run)).checkpoint);
  if (isRecordsSpec(spec)) return spec.columns.map(({ name }) => name);
  if (isRowsSpec(spec)) return record.columns;
  throw new FlowError('option', 'cli', `${run} has no rows`, {
    expected: 'a run on a table',
    got: 'a run on images',
    hint: 'Leave --queue, --workers and a folder as --out out.',
  });
};
