import { FlowError } from '@impflow/core';
import type { Frame } from '@impflow/tables';
import { readRecords } from '../dataset/load-records.ts';
import { sourceKind, type DataSource } from '../dataset/source.ts';
import { note, type OutputOptions } from '../terminal/output.ts';

/** The cells of a source, with the remarks of its reader. */
export const cellsOf = async (source: DataSource, options: OutputOptions): Promise<Frame> => {
  if ((await sourceKind(source.data)) === 'images')
    throw new FlowError('input', 'cli', `${source.data} does not fit the model`, {
      expected: 'a table with its columns',
      got: 'images',
      hint: 'Give rows.',
    });
  const frame = await readRecords(source);
  for (const remark of frame.remarks ?? []) note(options, remark);
  return frame;
};

/**
 * The frame with the names of the model's columns. If the columns of the file or of the model have no names, those of
 * the file are taken in their order, as `matchingTable` does.
 */
export const withNamesOf = (frame: Frame, names: readonly string[]): Frame => {
  const unnamed = (list: readonly string[]): boolean => list.every((name, i) => name === `x${i}`);
  const own = frame.columns.map(({ name }) => name);
  if (own.length !== names.length || (!unnamed(own) && !unnamed(names))) return frame;
  return { ...frame, columns: frame.columns.map((column, i) => ({ ...column, name: names[i]! })) };
};
