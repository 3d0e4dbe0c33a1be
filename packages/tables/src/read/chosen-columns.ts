import { FlowError } from '@impflow/core';
import { columnIndices } from '../frame/indices.ts';
import { listed, shown } from '../frame/printable.ts';
import type { FrameOptions } from './options.ts';
import type { RawColumn, RawTable } from './raw.ts';

/**
 * Returns the columns of these names, or all. Messages call the table `source`; `at` is the function that errors name.
 *
 * @throws `input` for too few rows, two columns of one name, an unknown name, a name given twice, and for no column.
 */
export const chosenColumns = (
  at: string,
  raw: RawTable,
  source: string,
  { columns, minRows = 1 }: Pick<FrameOptions, 'columns' | 'minRows'>,
): readonly RawColumn[] => {
  assertRows(raw, source, minRows, at);
  const names = raw.columns.map(({ name }) => name);
  const chosen =
    columns === undefined
      ? raw.columns
      : columnIndices(at, { columns: names, source }, columns).map((j) => raw.columns[j]!);
  if (chosen.length > 0) return chosen;
  throw new FlowError('input', at, `No columns in ${source}`, {
    expected: 'at least 1',
    got: '0',
    hint: 'Check the export.',
  });
};

const assertRows = ({ rows, columns }: RawTable, source: string, minRows: number, at: string): void => {
  const names = columns.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new FlowError('input', at, `Two columns of ${source} have one name`, {
      expected: 'different names',
      got: `"${shown(twice)}" twice`,
      hint: 'Rename one.',
    });
  if (rows === 0)
    throw new FlowError('input', at, `No rows in ${source}`, {
      expected: `at least ${minRows}`,
      got: names.length === 0 ? 'none' : `the columns ${listed(names)} and no row`,
      hint: 'Check the export.',
    });
  if (rows < minRows)
    throw new FlowError('input', at, `Too few rows in ${source}`, {
      expected: `at least ${minRows}`,
      got: String(rows),
      hint: `It needs at least ${minRows} rows.`,
    });
};
