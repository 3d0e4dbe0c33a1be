import { fitColumns, parseFrame, planColumns, valuesOf, type NumberColumn } from '@impflow/tables';
import { expect, it } from 'vitest';

const csv = (cells: readonly string[]) =>
  parseFrame('f.csv', Buffer.from(`x;t\n${cells.map((cell, i) => `${Math.sqrt(i)};${cell}`).join('\n')}\n`));

it.each<[string, readonly string[], string, readonly number[]]>([
  ['hours and minutes', ['07:45', '18:30', '-0:05'], 'minutes', [465, 1110, -5]],
  ['hours of more than a day', ['37:30', '9:00'], 'minutes', [2250, 540]],
  ['hours, minutes and seconds', ['1:00:01', '00:02:03.5'], 'seconds', [3601, 123.5]],
  ['days', ['5 days 08:19:00', '1 day 00:00:01', '00:00:02'], 'seconds', [461_940, 86_401, 2]],
  ['negative days, as pandas writes them', ['-1 days +23:59:30', '0 days 00:01:00'], 'seconds', [-30, 60]],
  ['minutes, seconds and a fraction', ['01:22.350', '2:03.5'], 'seconds', [82.35, 123.5]],
  ['halves of a day', ['12:51 PM', '12:10 AM', '3:41 pm'], 'minutes', [771, 10, 941]],
])('times with %s are read as numbers', (_what, cells, unit, numbers) => {
  const frame = csv(cells);
  const plans = planColumns(frame);
  expect(plans[1]).toMatchObject({ kind: 'number', format: { unit, cells: cells.length } });
  const { columns } = fitColumns(frame, plans);
  // Another table is read in the same way, and numbers that a program writes are read as they are.
  const { offset = 0 } = columns[1] as NumberColumn;
  const read = valuesOf(csv([...cells, '12.5', '']), columns).columns[1]!.map((value) =>
    Number((value + offset).toFixed(6)),
  );
  expect([...read]).toEqual([...numbers, 12.5, NaN]);
});

it('a text among times is an error, and different forms of times are not read', () => {
  const times = Array.from({ length: 30 }, (_, i) => `${8 + (i % 4)}:${10 + i}`);
  expect(() => planColumns(csv([...times, 'late']))).toThrow(
    'Text in the column "t" of f.csv, line 32: expected a number such as 10:12, as in the other cells, got "late". Repair that cell. If it marks missing cells, set the option gaps to t:late.',
  );
  const mixed = times.map((time, i) => (i % 2 === 0 ? time : `${time}:00`));
  expect(() => planColumns(csv(mixed))).toThrow('which look like times, as in 8:10. To use "t", write');
});
