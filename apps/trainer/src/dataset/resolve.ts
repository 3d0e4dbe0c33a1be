import { FlowError, type Key } from '@impflow/core';
import { loadImageData, type ImageData } from './image-data.ts';
import { assertNoParts } from './parts.ts';
import { sourceKind, type DataSource } from './source.ts';
import { loadTableData, type TableData } from './tables.ts';

/** Data split for a run. */
export type RunData = TableData | ImageData;

/** The split data of a run: the same for the same source and key. @throws `option` for images with files of parts. */
export const loadRunData = async (source: DataSource, key: Key): Promise<RunData> => {
  if (await sourceKind(source.data) !== 'images') return loadTableData(source, key);
  assertNoParts(source, 'the images');
  return loadImageData(source, key);
};

/** @throws `input` where the data are not rows. */
export const asTable = (data: RunData): TableData => {
  if (data.kind === 'table') return data;
  throw other(data, 'rows of numbers', 'images');
};

/** @throws `input` where the data are not images. */
export const asImages = (data: RunData): ImageData => {
  if (data.kind === 'images') return data;
  throw other(data, 'images', 'rows of numbers');
};

const other = ({ name }: RunData, expected: string, got: string): FlowError => new FlowError('input', 'cli', `${name} does not fit the model`, { expected, got, hint: 'Give the kind of data that the model was made for.' });
