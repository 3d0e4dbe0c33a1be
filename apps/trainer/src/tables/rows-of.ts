import { failedIn, FlowError, unknownName } from '@impflow/core';
import { isFrame, toys, type DataSet, type Frame, type FrameOptions } from '@impflow/tables';
import type { AnyRow, Rows, Sampler } from 'impflow';
import { readRows } from 'impflow/run';
import { bundledRows, dataNames, isPath, sourceKind, type ReadingOptions } from '../dataset/source.ts';
import { setOf, type AllRegistries } from '../plugins/registries.ts';

/**
 * Returns the rows of the data that an option names. For a file, returns its path or address, unchanged. For a bundled
 * data set or a plugin's data set, returns its cells. For a toy data set, returns a sampler.
 *
 * @throws `registry` for an unknown name; `input` for images; `shape` if a data set returns no rows.
 */
export const rowsOf = async (
  data: string,
  registries: Pick<AllRegistries, 'data'>,
): Promise<Rows<AnyRow> | Sampler> => {
  const set = setOf(registries, data) ?? bundledRows(data);
  if (set !== undefined) return frameOfSet(data, set);
  if (Object.hasOwn(toys, data)) return samplerOf(data);
  if ((await sourceKind(data)) === 'table') {
    if (isPath(data)) return data;
    throw unknownName('cli', 'data set', data, [...dataNames(), ...registries.data.names]);
  }
  throw new FlowError('input', 'cli', `${data} does not fit the model`, {
    expected: 'a table with its columns',
    got: 'images',
    hint: 'Give rows.',
  });
};

/** Returns the sampler of a toy data set. */
const samplerOf = (name: string): Sampler => {
  const { description, sample, entropy } = toys[name]!;
  return { columns: ['x', 'y'], source: description, sample, ...(entropy === undefined ? {} : { entropy }) };
};

/** Number of rows that are drawn from a toy data set if a command needs a table. */
const DRAWN = 10_000;

/**
 * Returns all cells of the data that an option names. `columns` names the columns that are needed: in the others, a value
 * that cannot be a cell, such as a list, is missing. For a toy data set, returns 10,000 rows that are drawn from it.
 */
export const cellsOf = async (
  data: string,
  registries: Pick<AllRegistries, 'data'>,
  reading: ReadingOptions & Pick<FrameOptions, 'categories' | 'columns'>,
): Promise<Frame> => {
  const rows = await rowsOf(data, registries);
  if (!isSampler(rows)) return readRows(rows, reading);
  const values = rows.sample({ high: 0, low: 3 }, DRAWN);
  const width = rows.columns.length;
  return {
    columns: rows.columns.map((name, j) => ({
      name,
      numbers: Float64Array.from({ length: DRAWN }, (_, row) => values[row * width + j]!),
    })),
    rows: DRAWN,
    source: data,
    place: (row) => `row ${row + 1}`,
  };
};

export const isSampler = (rows: Rows<AnyRow> | Sampler): rows is Sampler =>
  typeof rows === 'object' && typeof (rows as Partial<Sampler>).sample === 'function';

/**
 * Returns the rows of a plugin's data set.
 *
 * @throws `shape` if the rows are not a frame; errors of `load`, with the name of the data set.
 */
const frameOfSet = async (name: string, set: DataSet): Promise<Frame> => {
  let found: unknown;
  try {
    found = await set.load();
  } catch (cause) {
    throw failedIn('cli', 'data set', set, 'load', cause, name);
  }
  if (isFrameOfRows(found)) return found;
  throw new FlowError('shape', 'cli', `The data set "${name}" did not return a frame`, {
    expected: '{ columns, rows, source, place }, with a number in each row of each column',
    got: String(found),
    hint: 'Make it with frameOf or readFrame of @impflow/tables.',
  });
};

const isFrameOfRows = (found: unknown): found is Frame =>
  typeof found === 'object' &&
  found !== null &&
  isFrame(found) &&
  found.columns.every(({ name, numbers }) => typeof name === 'string' && numbers?.length === found.rows);
