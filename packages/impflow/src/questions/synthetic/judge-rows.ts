import { FlowError } from '@impflow/core';
import { completeRows, joinedValues, pickValues, readingFor, valuesOf, type RecordFlow } from '@impflow/tables';
import type { Checkpoint } from '@impflow/training';
import type { TableContents } from '../../checkpoint/contents.ts';
import { readPartsAgain, readRows } from '../../read-table.ts';
import type { AnyRow, Rows, Source } from '../../rows/rows.ts';
import type { TableParts } from '../../table/split.ts';
import { judgeSynthetic, type SyntheticReport } from './judge-synthetic.ts';
import type { PrivacyRows } from './privacy.ts';

/** The model whose training rows are compared. */
interface Judging {
  readonly checkpoint: Checkpoint;
  readonly density: RecordFlow;
  /** Name of the checkpoint, for messages. */
  readonly source: string;
}

/** Reads synthetic rows and the rows of the training, and compares them: see `Model.judgeSynthetic`. */
export const judgeRows = async (
  rows: Source | Rows<AnyRow>,
  { checkpoint, density, source }: Judging,
  seed: number,
): Promise<SyntheticReport> => {
  const { columns } = density.spec;
  const contents = checkpoint.extra as TableContents;
  const parts = await readPartsAgain(contents, checkpoint.seed, source);
  const frame = await readRows(rows, { ...contents.options, categories: readingFor(columns).categories });
  const read = valuesOf(frame, columns);
  const complete = completeRows(read, density.layout);
  if (complete.length === 0)
    throw new FlowError('input', 'impflow/judgeSynthetic', `No row without gaps in ${frame.source}`, {
      expected: 'at least one',
      got: `${read.rows} rows with gaps`,
      hint: 'Fill the gaps with impute.',
    });
  return judgeSynthetic(
    columns,
    { ...realRows(parts), synthetic: pickValues(read, complete) },
    { seed, distinct: parts.distinct },
  );
};

/** Returns the rows with which synthetic rows are compared. No gradient of the training was computed from validation or test rows. */
export const realRows = ({ complete, validation, test }: TableParts): Omit<PrivacyRows, 'synthetic'> => ({
  training: complete.cells,
  heldOut: joinedValues([validation.cells, test.cells]),
});
