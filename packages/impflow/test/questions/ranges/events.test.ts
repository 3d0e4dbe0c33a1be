import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { drawValues, unitsOf, type ColumnSpec } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import { bindEvent, bindGiven } from '../../../src/questions/ranges/bind-event.ts';
import type { RowEvent } from '../../../src/questions/ranges/event.ts';
import { alternativesOf, distance, holds, negated, type Predicate } from '../../../src/questions/ranges/predicate.ts';
import { rounded, trees } from './exact.ts';

const COLUMNS: readonly ColumnSpec[] = [
  { kind: 'number', name: 'x' },
  { kind: 'number', name: 'count', offset: 100, resolution: 1 },
  { kind: 'number', name: 'rain', resolution: 0.5, spikes: [0, 2] },
  { kind: 'number', name: 'hour', period: 24, cut: 3, start: 0, resolution: 1 },
  { kind: 'number', name: 'day', date: 'days', resolution: 1, offset: 18_000 },
  { kind: 'number', name: 'paid', format: { currency: '$', group: ',', decimal: '.' } as never },
  { kind: 'category', name: 'kind', levels: ['oak', 'red elm'], rare: ['yew'] },
  { kind: 'category', name: 'code', levels: ['1', '2'] },
  { kind: 'category', name: 'given', levels: ['a'], given: true },
];

/** Whether an event holds for a row with the cell `value` in `column`, in the units of the file. */
const test = (event: RowEvent, column: string, value: number): boolean | undefined => {
  const cells = COLUMNS.map(({ name }) => Float64Array.of(name === column ? value : NaN));
  return holds(bindEvent(event, COLUMNS), cells, 0);
};

describe('the cells of an event', () => {
  it.each([
    ['x > 3', 'x', 3, false],
    ['x >= 3', 'x', 3, true],
    ['x < 3', 'x', 3, false],
    ['x <= 3', 'x', 3, true],
    ['not x > 3', 'x', 3, true],
    [{ x: { above: 1, atMost: 2 } }, 'x', 2, true],
    [{ x: { atLeast: 1, below: 2 } }, 'x', 2, false],
    ['count = 103', 'count', 103, true],
    ['count = 103', 'count', 104, false],
    ['count in (103, 105)', 'count', 105, true],
    ['count = 103.5', 'count', 103, false],
    ['rain = 0', 'rain', 0, true],
    ['rain = 2', 'rain', 2, true],
    ['rain = 2', 'rain', 2.1, false],
    ['hour between 22 and 2', 'hour', 23, true],
    ['hour between 22 and 2', 'hour', 1, true],
    ['hour between 22 and 2', 'hour', 2, true],
    ['hour between 22 and 2', 'hour', 3, false],
    [{ hour: { atLeast: 20, atMost: 23 } }, 'hour', 21, true],
    [{ hour: { atLeast: 20, atMost: 23 } }, 'hour', 1, false],
    [{ hour: { atLeast: -2, below: 2 } }, 'hour', 23, true],
    [{ hour: { atLeast: 0, atMost: 24 } }, 'hour', 13, true],
    ['hour = 25', 'hour', 1, true],
    ['hour > 20', 'hour', 1, false],
    ['day = 2020-04-13', 'day', 18_365, true],
    ['day < 2020-04-13', 'day', 18_364, true],
    [{ day: { atLeast: new Date('2020-04-13') } }, 'day', 18_364, false],
    ['kind = oak', 'kind', 0, true],
    ['kind = "red elm"', 'kind', 1, true],
    ['kind != oak', 'kind', 2, true],
    ['code = 2', 'code', 1, true],
    [{ code: [1, 2] }, 'code', 0, true],
    ['x > 3 or kind = oak', 'kind', 0, true],
    ['x > 3 or kind = oak', 'kind', 1, undefined],
    ['x > 3 and kind = oak', 'kind', 1, false],
    ['not (x > 3 and kind = oak)', 'kind', 1, true],
    ['x > 3', 'kind', 0, undefined],
  ] as const)('%j, %s %d: %s', (event, column, value, expected) => {
    expect(test(event, column, value)).toBe(expected);
  });

  it.each([
    [
      'x = 3',
      'Wrong set of values of the column "x" in an event: expected a range, got the single value "3". The values of this column do not repeat',
    ],
    ['rain = 1', 'expected a range, got the single value "1"'],
    ['x > soon', 'Text in the column "x" of the event'],
    ['day > 5', 'No date in the column "day" of the event'],
    ['x > ""', 'The model has no distribution of gaps'],
    [{ kind: null }, 'The model has no distribution of gaps'],
    [{ kind: { above: 'a' } }, 'expected categories, got a range. Name the categories'],
    ['kind = yew', 'The model does not tell its rare categories apart'],
    ['kind = dodo', 'expected one of oak, red elm, got "dodo". Training did not see this category.'],
    ['kinds = oak', 'Unknown column in an event: expected one of x, count'],
    ['kinds = oak', 'Did you mean "kind"?'],
    ['x between 5 and 3', 'expected a lower end below the upper end, got 5 and 3'],
    [{ x: { above: 3, below: 3 } }, 'expected a lower end below the upper end'],
    [{ x: {} }, 'expected a range with above, atLeast, below, atMost, got no end'],
    [{ x: { over: 3 } }, 'got "over"'],
    [{ x: { above: 3, atLeast: 4 } }, 'expected one lower end'],
    [{ x: { below: 3, atMost: 4 } }, 'expected one upper end'],
    [{ kind: [] }, 'got an empty list'],
    [{}, 'Wrong event: expected text such as'],
    [5, 'Wrong event: expected text such as'],
    [null, 'Wrong event: expected text such as'],
    ['given = a', 'The column "given" is a condition of the model'],
  ])('refuses %j', (event, said) => {
    expect(() => bindEvent(event as RowEvent, COLUMNS)).toThrow(said);
  });

  it('conditions of the model are separated from the event', () => {
    expect(bindGiven('given = a and x > 3 and kind = oak', COLUMNS)).toMatchObject({
      conditions: { given: 'a' },
      event: { kind: 'and', parts: [{ column: 0 }, { column: 6 }] },
    });
    expect(bindGiven({ given: 'a' }, COLUMNS)).toEqual({ conditions: { given: 'a' } });
    for (const event of [{ given: ['a', 'b'] }, 'given != a', 'given = a or x > 3', { given: { above: 1 } }])
      expect(() => bindGiven(event, COLUMNS)).toThrow('The model has no distribution of its conditions');
  });
});

describe('laws of events', () => {
  onBackend(wasm());

  const EVENTS = [
    'size > 8 and not (kind = oak or price between 80 and 120)',
    'size between 3 and 5 or price not between 50 and 200',
    'not (kind in (oak, ash) and size < 6) and wet = yes',
    'size > 5',
  ];

  it('an event with very many alternatives is its only alternative', () => {
    const { density } = trees();
    const all = Array.from({ length: 40 }, (_, i) => `size not between ${i} and ${i + 1}`).join(' and ');
    expect(alternativesOf(bindEvent(all, density.spec.columns))).toHaveLength(1);
  });

  it.each(EVENTS)('the opposite, the distance and the alternatives agree with the event: %s', (event) => {
    const { density, conditions } = trees();
    const drawn = drawValues(density, conditions(2000), { key: key(4) });
    const cells = unitsOf(drawn, density.spec.columns, { noisy: true });
    const predicate = bindEvent(event, density.spec.columns);
    const parts: readonly Predicate[] = alternativesOf(predicate);
    let count = 0;
    for (let row = 0; row < drawn.rows; row++) {
      const expected = holds(predicate, cells, row)!;
      count += Number(expected);
      expect(holds(negated(predicate), cells, row)).toBe(!expected);
      expect(distance(predicate, cells, row, [1, 1, 1, 1]) === 0).toBe(expected);
      expect(parts.some((part) => holds(part, cells, row))).toBe(expected);
    }
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(1950);
  });

  it('an event holds for the cells as `sample` writes them', () => {
    const trained = rounded();
    const { columns } = trained.sample(2000, { key: key(5) });
    const drawn = drawValues(trained.density, trained.conditions(2000), { key: key(5) });
    const cells = unitsOf(drawn, trained.density.spec.columns, { noisy: true });
    const of = (name: string): Float64Array => columns.find((column) => column.name === name)!.numbers;
    const check = (event: RowEvent, expected: (row: number) => boolean): void => {
      const predicate = bindEvent(event, trained.density.spec.columns);
      const found = Array.from({ length: 2000 }, (_, row) => holds(predicate, cells, row));
      expect(found).toEqual(Array.from({ length: 2000 }, (_, row) => expected(row)));
      expect(new Set(found).size).toBe(2);
    };
    check('count = 104', (row) => of('count')[row] === 104);
    check('rain = 0', (row) => of('rain')[row] === 0);
    check('rain > 0', (row) => of('rain')[row]! > 0);
    check('hour >= 20', (row) => of('hour')[row]! >= 20);
    const days = columns.find(({ name }) => name === 'day')!.texts!;
    check('day >= 2019-04-24', (row) => days[row]! >= '2019-04-24');
  });
});
