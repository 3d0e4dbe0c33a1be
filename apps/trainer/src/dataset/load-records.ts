import { isFlowError } from '@impflow/core';
import { frameOfTable, isFrame, readFrame, type Frame, type Table } from '@impflow/tables';
import { loadSet, loadTable } from './load-table.ts';
import { isPath, type DataSource } from './source.ts';

/**
 * The rows of a source before the split: a table if all cells that the run reads are numbers, and a frame if some are
 * not, or if options of records are set. `minRows` is the fewest rows of a table.
 *
 * @remarks A file with texts or gaps is parsed twice, unless options of records are set.
 * @throws errors of the readers. Of a file that neither is a table nor holds records, those of the table.
 */
export const loadRows = async (
  source: DataSource,
  options: { readonly minRows?: number } = {},
): Promise<Table | Frame> => {
  if (source.records !== undefined) return readRecords(source);
  try {
    return await loadTable(source, options);
  } catch (error) {
    if (!isFlowError(error, 'input')) throw error;
    const frame = await readRecords(source).catch(() => {
      throw error;
    });
    if (holdsRecords(frame, source.columns)) return frame;
    throw error;
  }
};

const holdsRecords = ({ columns }: Frame, wanted: readonly string[] | undefined): boolean =>
  columns
    .filter(({ name }) => wanted?.includes(name) ?? true)
    .some(({ numbers, texts }) => texts !== undefined || numbers.some(Number.isNaN));

/** All cells of a file, of a bundled data set, or of the data set of a plugin. */
export const readRecords = async ({
  data,
  set,
  header,
  separator,
  decimal,
}: Omit<DataSource, 'columns' | 'records'>): Promise<Frame> => {
  if (set === undefined && isPath(data))
    return readFrame(data, {
      ...(header === undefined ? {} : { header: header === 'yes' }),
      ...(separator === undefined ? {} : { separator }),
      ...(decimal === undefined ? {} : { decimal }),
    });
  const rows = await loadSet(data, set);
  return isFrame(rows) ? rows : frameOfTable(rows);
};
