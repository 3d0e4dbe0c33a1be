import { FlowError, type Key } from '@impflow/core';
import { isFrame, toys } from '@impflow/tables';
import { flag } from '../settings/settings.ts';
import { loadRows } from './load-records.ts';
import { assertNoParts } from './part-files.ts';
import { sourceKind, type DataSource } from './source.ts';
import { loadImageData, type ImageData } from './split-images.ts';
import { loadRecordData, type RecordData } from './split-records.ts';
import { FEWEST, loadTableData, type TableData } from './split-table.ts';

/** Data of a run, split into parts. */
export type RunData = TableData | ImageData | RecordData;

/**
 * The data of a run. The same source and key give the same split.
 *
 * @throws `option` for files of parts beside images, and for options of records beside a toy; errors of the readers.
 */
export const loadRunData = async (source: DataSource, key: Key): Promise<RunData> => {
  if (Object.hasOwn(toys, source.data)) {
    assertNoRecords(source);
    return loadTableData(source, key);
  }
  if ((await sourceKind(source.data)) !== 'images') {
    const rows = await loadRows(source, { minRows: FEWEST });
    return isFrame(rows) ? loadRecordData(source, key, rows) : loadTableData(source, key, rows);
  }
  assertNoParts(source, 'the images');
  return loadImageData(source, key);
};

const assertNoRecords = ({ data, records = {} }: DataSource): void => {
  const [name] = Object.keys(records);
  if (name !== undefined)
    throw new FlowError('option', 'cli', `${flag(name)} has no use for the toy ${data}`, {
      expected: `${flag(name)} with a table`,
      got: data,
      hint: 'Leave it out.',
    });
};

/**
 * The data as rows.
 *
 * @throws `input` for images.
 */
export const asTable = (data: RunData): TableData => {
  if (data.kind === 'table') return data;
  throw wrongKind(data, 'rows of numbers', data.kind);
};

/**
 * The data as records.
 *
 * @throws `input` for images or rows of a toy.
 */
export const asRecords = (data: RunData): RecordData => {
  if (data.kind === 'records') return data;
  throw wrongKind(data, 'records', data.kind === 'images' ? 'images' : 'rows of numbers');
};

/**
 * The data as images.
 *
 * @throws `input` for rows.
 */
export const asImages = (data: RunData): ImageData => {
  if (data.kind === 'images') return data;
  throw wrongKind(data, 'images', data.kind === 'records' ? 'records' : 'rows of numbers');
};

const wrongKind = ({ name }: RunData, expected: string, got: string): FlowError =>
  new FlowError('input', 'cli', `${name} does not fit the model`, {
    expected,
    got,
    hint: 'Give the kind of data that the model was made for.',
  });
