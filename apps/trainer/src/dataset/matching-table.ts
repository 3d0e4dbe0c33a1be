import { extname } from 'node:path';
import { FlowError } from '@impflow/core';
import { offsetList, type Table } from '@impflow/tables';
import { loadTable } from './load-table.ts';
import { sourceKind, type DataSource } from './source.ts';

const listed = (names: readonly string[]): string => `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;

/**
 * These columns of a data source, in this order, less the offsets of the source. Other columns are dropped. If the
 * source or the wanted columns have no names, columns are matched by position, with a remark. `to` names in messages
 * what the columns must fit, such as "the model".
 *
 * @throws `input` if a column is missing, or for images; errors of the readers.
 */
export const matchingTable = async (
  source: Omit<DataSource, 'columns'>,
  columns: readonly string[],
  to: string,
): Promise<Table> => {
  const { data, offsets = {} } = source;
  if ((await sourceKind(data)) === 'images')
    throw new FlowError('input', 'cli', `${data} does not fit ${to}`, {
      expected: `a table with columns ${columns.join(', ')}`,
      got: 'images',
      hint: 'Give rows of numbers.',
    });
  try {
    return await loadTable({ ...source, offsets, columns });
  } catch (error) {
    const whole = await loadTable({ ...source, offsets: {} }).catch((reason: unknown) => {
      throw extname(data) === '.npy' ? reason : error;
    });
    // A .npy file or an imported model has no column names. Then only the order can match.
    const unnamed = (list: readonly string[]): boolean => list.every((name, i) => name === `x${i}`);
    if (!unnamed(whole.columns) && !unnamed(columns)) throw error;
    if (whole.columns.length === columns.length) {
      const list = offsetList(columns, offsets);
      const placed = await loadTable({
        ...source,
        offsets: Object.fromEntries(whole.columns.flatMap((name, j) => (list[j] === 0 ? [] : [[name, list[j]!]]))),
      });
      const remark = unnamed(whole.columns)
        ? `${data} names no columns`
        : `${to[0]!.toUpperCase()}${to.slice(1)} ${to.endsWith('s') ? 'have' : 'has'} no names of columns`;
      return {
        ...placed,
        columns,
        offsets,
        remarks: [
          ...(placed.remarks ?? []),
          `${remark}: ${listed(whole.columns)} are taken in this order for ${listed(columns)}.`,
        ],
      };
    }
    throw new FlowError('input', 'cli', `${data} does not fit ${to}`, {
      expected: `${columns.length} columns (${columns.join(', ')})`,
      got: `${whole.columns.length} (${whole.columns.slice(0, 8).join(', ')})`,
      hint: `Give the columns of ${to}, in this order.`,
    });
  }
};
