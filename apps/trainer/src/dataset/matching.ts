import { extname } from 'node:path';
import { FlowError } from '@impflow/core';
import type { Table } from '@impflow/data';
import { loadTable } from './load-table.ts';
import { sourceKind, type DataSource } from './source.ts';

/**
 * These columns of a data source, in this order, whatever others it has. `to` says in messages what they have to fit: "the model".
 *
 * @throws `input` where a column is missing, or for images, and what the readers throw.
 */
export const matchingTable = async (source: Omit<DataSource, 'columns'>, columns: readonly string[], to: string): Promise<Table> => {
  const { data } = source;
  if (await sourceKind(data) === 'images') throw new FlowError('input', 'cli', `${data} does not fit ${to}`, { expected: `a table with columns ${columns.join(', ')}`, got: 'images', hint: 'Give rows of numbers.' });
  try {
    return await loadTable({ ...source, columns });
  } catch (error) {
    const whole = await loadTable(source).catch((reason: unknown) => { throw extname(data) === '.npy' ? reason : error; });
    // Without names on either side, as in a .npy file or an imported model, the order has to do.
    const unnamed = (list: readonly string[]): boolean => list.every((name, i) => name === `x${i}`);
    if (!unnamed(whole.columns) && !unnamed(columns)) throw error;
    if (whole.columns.length === columns.length) return { ...whole, columns };
    throw new FlowError('input', 'cli', `${data} does not fit ${to}`, {
      expected: `${columns.length} columns (${columns.join(', ')})`, got: `${whole.columns.length} (${whole.columns.slice(0, 8).join(', ')})`, hint: `Give the columns of ${to}, in this order.`,
    });
  }
};
