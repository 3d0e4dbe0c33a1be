import { describe, expect, it } from 'vitest';
import { natsText, rareness, rowSentence } from '../../src/ui/table/row-words.ts';

const cell = (column: string, nats: number): Parameters<typeof rowSentence>[0][number] => ({
  column,
  nats,
  value: '9000',
  usual: '4200',
});

describe('rowSentence', () => {
  it.each([
    [
      'two cells that cost nearly the same do not fit each other',
      [cell('kg', 6), cell('kind', 4)],
      'kg does not fit kind.',
    ],
    [
      'a single expensive cell is unusual',
      [cell('kg', 6), cell('kind', 2)],
      'kg is unusual for such a row: 9000, usually 4200.',
    ],
    ['cheap cells fit', [cell('kg', 0.9), cell('kind', NaN)], 'Each cell fits the other cells of this row.'],
  ])('%s', (_, reasons, sentence) => {
    expect(rowSentence(reasons)).toBe(sentence);
  });
});

it('p-values and nats are told in words', () => {
  expect([rareness(1 / 34, 33), rareness(0.25, 33), rareness(NaN, 33)]).toEqual([
    'Less likely than each of the 33 test rows.',
    'About 25 of 100 test rows are as unlikely as this row.',
    'This row has empty cells, so it is not compared with other rows.',
  ]);
  expect([natsText(3.14), natsText(-0.2), natsText(NaN)]).toEqual(['3.1', '0.0', '']);
});
