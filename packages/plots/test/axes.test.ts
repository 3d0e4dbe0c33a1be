import { key, normals } from '@impflow/core';
import { describe, expect, it } from 'vitest';
import { domainOf, isInside } from '../src/domain.ts';
import { abbreviated, shortened, textWidth, wrapped } from '../src/text.ts';
import { TICK_SIZE, ticksOf } from '../src/ticks.ts';

const LENGTH = 144;

describe('ticksOf', () => {
  it.each<[string, readonly [number, number], 'days' | 'seconds' | undefined]>([
    ['small numbers', [-3.1, 4.2], undefined],
    ['thousands', [2870, 6310], undefined],
    ['money', [-1.2e5, 12.4e6], undefined],
    ['a narrow range far from 0', [199_971.3, 200_024.8], undefined],
    ['tiny numbers', [1.1e-9, 7.3e-9], undefined],
    ['huge numbers', [-4e37, 2e38], undefined],
    ['days of five years', [17_890, 19_850], 'days'],
    ['days of three weeks', [19_780, 19_801], 'days'],
    ['seconds of three days', [1.7093e9, 1.70956e9], 'seconds'],
    ['seconds of a minute', [1.7093e9, 1.7093e9 + 61], 'seconds'],
    ['centuries', [-700_000, 19_000], 'days'],
  ])('labels of %s do not overlap and do not extend beyond the axis', (_name, domain, date) => {
    const ticks = ticksOf(domain, { length: LENGTH, overhang: 1, across: true, date });
    const ends = ticks.map(({ at, text: lines }) => {
      const text = lines.split('\n')[0]!;
      const middle = ((at - domain[0]) / (domain[1] - domain[0])) * LENGTH;
      return [middle - textWidth(text, TICK_SIZE) / 2, middle + textWidth(text, TICK_SIZE) / 2] as const;
    });
    expect(ticks.length).toBeGreaterThan(0);
    expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
    expect(ends[0]![0]).toBeGreaterThanOrEqual(-1);
    expect(ends.at(-1)![1]).toBeLessThanOrEqual(LENGTH + 1);
    ends.slice(1).forEach(([start], i) => expect(start).toBeGreaterThan(ends[i]![1] + 5));
  });

  it('labels are numbers as short as their differences allow, or dates in ISO 8601 format', () => {
    const texts = (domain: readonly [number, number], date?: 'days' | 'seconds'): readonly string[] =>
      ticksOf(domain, { length: 300, overhang: 10, across: true, date }).map(({ text }) => text);
    expect(texts([0, 1])).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(texts([-1, 12.9e6])).toEqual(['0', '2M', '4M', '6M', '8M', '10M', '12M']);
    expect(texts([17_860, 19_760], 'days')).toEqual(['2019', '2020', '2021', '2022', '2023', '2024']);
    expect(texts([19_780, 19_830], 'days')).toEqual(['2024-03-04', '2024-03-18', '2024-04-01']);
  });

  it('a short axis of dates has short labels, with the year or the day below the first', () => {
    const texts = (domain: readonly [number, number], date: 'days' | 'seconds'): readonly string[] =>
      ticksOf(domain, { length: 185, overhang: 1, across: true, date }).map(({ text }) => text);
    const day = 86_400;
    expect(texts([978_307_200 - 12 * day, 978_307_200 + 104 * day], 'seconds')).toEqual([
      'Jan\n2001',
      'Feb',
      'Mar',
      'Apr',
    ]);
    expect(texts([11_285, 11_365], 'days')).toEqual(['Dec\n2000', 'Jan\n2001', 'Feb']);
    expect(texts([978_307_200 + 8 * 3600, 978_307_200 + 27 * 3600], 'seconds')).toEqual([
      '12:00\n01-01',
      '18:00',
      '00:00\n01-02',
    ]);
  });
});

describe('domainOf', () => {
  it('a far value does not widen the range, in few rows and in many', () => {
    for (const rows of [9, 90, 900]) {
      const values = [...normals(key(rows), rows - 1), 1e9];
      const domain = domainOf([values, normals(key(1), 1000)]);
      expect(domain[1]).toBeLessThan(9);
      expect(values.filter((value) => !isInside(value, domain))).toEqual([1e9]);
    }
  });

  it('the range has a length for one value, for equal values, and without values', () => {
    expect([domainOf([[3]]), domainOf([[3, 3, Number.NaN]]), domainOf([[]])]).toEqual([
      [2.5, 3.5],
      [2.5, 3.5],
      [0, 1],
    ]);
    const [low, high] = domainOf([
      [...Array.from({ length: 950 }, () => 0), ...Array.from({ length: 50 }, (_, i) => i)],
    ]);
    expect([low <= 0, high > 20]).toEqual([true, true]);
  });
});

describe('text', () => {
  it('texts are broken into lines, names lose their middle, and nothing is wider than its room', () => {
    const lines = wrapped(
      'The first line.\nThe second line is longer, so that it needs a third line and a fourth one.',
      { width: 150, most: 3, size: 11 },
    );
    expect(lines.slice(0, 2)).toEqual(['The first line.', 'The second line is longer,']);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/…$/);
    const name = 'average_number_of_customers_per_hour';
    expect(abbreviated(name, 100)).toMatch(/^average.*….*hour$/);
    for (const text of [...lines, abbreviated(name, 100), shortened(name, 100)])
      expect(textWidth(text, 11)).toBeLessThanOrEqual(150);
  });
});
