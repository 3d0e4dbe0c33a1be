import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';

/**
 * Returns the weights in a column of a frame, `[rows]`. `at` is the name of the calling function in messages.
 *
 * @throws `input` if the column does not exist, if a cell is missing, text, negative or infinite, or if all weights are
 * zero.
 */
export const rowWeights = (frame: Frame, name: string, at = 'tables/rowWeights'): Float64Array => {
  const numbers = frame.columns.find((column) => column.name === name)?.numbers;
  if (numbers === undefined)
    throw new FlowError('input', at, `No column "${name}" in ${frame.source}`, {
      expected: 'a column with the weights of the rows',
      got: frame.columns.map((column) => column.name).join(', '),
      hint: 'Add it; a row of weight 1 counts once.',
    });
  const row = numbers.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (row < 0 && !numbers.some((weight) => weight > 0))
    throw new FlowError('input', at, `No row has a weight above 0 in the column "${name}" of ${frame.source}`, {
      expected: 'a weight above 0',
      got: '0 in every row',
      hint: 'Give other weights, or no weights.',
    });
  if (row < 0) return numbers;
  throw new FlowError('input', at, `Wrong weight in the column "${name}" of ${frame.source}, ${frame.place(row)}`, {
    expected: 'a number of at least 0',
    got: Number.isNaN(numbers[row]) ? 'none' : String(numbers[row]),
    hint: 'Repair that cell. A row of weight 0 does not count.',
  });
};
