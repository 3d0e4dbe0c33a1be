import { FlowError, type Key } from '@impflow/core';
import { assertNoParts } from './part-files.ts';
import { sourceKind, type DataSource } from './source.ts';
import { loadImageData, type ImageData } from './split-images.ts';
import { loadTableData, type TableData } from './split-table.ts';

/** Data of a run, split into parts. */
export type RunData = TableData | ImageData;

/**
 * The data of a run. The same source and key give the same split.
 *
 * @throws `option` for files of parts beside images; errors of the readers.
 */
export const loadRunData = async (source: DataSource, key: Key): Promise<RunData> => {
  if ((await sourceKind(source.data)) !== 'images') return loadTableData(source, key);
  assertNoParts(source, 'the images');
  return loadImageData(source, key);
};

/**
 * The data as rows.
 *
 * @throws `input` for images.
 */
export const asTable = (data: RunData): TableData => {
  if (data.kind === 'table') return data;
  throw wrongKind(data, 'rows of numbers', 'images');
};

/**
 * The data as images.
 *
 * @throws `input` for rows.
 */
export const asImages = (data: RunData): ImageData => {
  if (data.kind === 'images') return data;
  throw wrongKind(data, 'images', 'rows of numbers');
};

const wrongKind = ({ name }: RunData, expected: string, got: string): FlowError =>
  new FlowError('input', 'cli', `${name} does not fit the model`, {
    expected,
    got,
    hint: 'Give the kind of data that the model was made for.',
  });
