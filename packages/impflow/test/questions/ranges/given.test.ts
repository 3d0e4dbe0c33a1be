import { wasm } from '@impflow/backend-wasm';
import { key } from '@impflow/core';
import { frameOf, readingFor, type Frame, type TrainedRecords } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import type { RowEvent } from '../../../src/questions/ranges/event.ts';
import { sampleGiven } from '../../../src/questions/ranges/sample-given.ts';
import { eventOnRows, keepOf, scoreGiven } from '../../../src/questions/ranges/score-given.ts';
import { above, between, conditional, density, integral, pair, trees } from './exact.ts';

const framed = ({ density: { spec } }: TrainedRecords, rows: readonly object[]): Frame =>
  frameOf(rows as never, 'the rows', readingFor(spec.columns));
const numbers = (frame: Frame, name: string): Float64Array =>
  frame.columns.find((column) => column.name === name)!.numbers;
const texts = (frame: Frame, name: string): readonly (string | undefined)[] =>
  frame.columns.find((column) => column.name === name)!.texts!;
const draw = (trained: TrainedRecords, count: number, given: RowEvent, seed = 1): Frame =>
  sampleGiven(trained, count, { given, seed, temperature: 1 });

/** Returns the largest difference of the distribution function of numbers from a known one (Kolmogorov and Smirnov). */
const deviation = (values: Float64Array, distribution: (x: number) => number): number =>
  Math.max(
    ...Array.from(values.toSorted(), (value, i) =>
      Math.max(
        Math.abs(distribution(value) - i / values.length),
        Math.abs(distribution(value) - (i + 1) / values.length),
      ),
    ),
  );
/** The statistic of 400 independent draws is above this bound with a probability of 1e-4. */
const BOUND = 2.23 / Math.sqrt(400);

describe('rows given an event', () => {
  onBackend(wasm());

  it('draws of a frequent event are the draws of the model that fulfil it, and have the conditional distribution', () => {
    const drawn = draw(pair(), 400, { x: { above: 11, below: 14 } });
    expect(deviation(numbers(drawn, 'x'), (x) => between(0.5, (x - 10) / 2) / between(0.5, 2))).toBeLessThan(BOUND);
    const all = numbers(pair().sample(4000, { key: key(1) }), 'x');
    expect([...numbers(drawn, 'x')]).toEqual([...all].filter((x) => x > 11 && x < 14).slice(0, 400));
  });

  it('draws of a rare event have the conditional distribution', () => {
    const drawn = draw(pair(), 400, 'x > 18');
    expect(deviation(numbers(drawn, 'x'), (x) => 1 - above((x - 10) / 2) / above(4))).toBeLessThan(BOUND);
    // The other number: P(y > -0.4 | x > 18), within four binomial standard errors.
    const truth = integral((x) => density(x) * above((3.2 - 0.8 * x) / 0.6), 4, 14, 200) / above(4);
    const share = numbers(drawn, 'y').filter((y) => y > -0.4).length / 400;
    expect(Math.abs(share - truth)).toBeLessThan(4 * Math.sqrt((truth * (1 - truth)) / 400));
    expect(new Set(numbers(drawn, 'x')).size).toBeGreaterThan(380);
    expect(draw(pair(), 400, 'x > 18').columns).toEqual(drawn.columns);
    expect(draw(pair(), 400, 'x > 18', 2).columns).not.toEqual(drawn.columns);
  });

  it('draws of categories, of conditions of the model, and of a single row', () => {
    const drawn = draw(trees(), 500, { kind: ['oak', 'red elm'], size: { below: 12 } });
    expect(new Set(texts(drawn, 'kind'))).toEqual(new Set(['oak', 'red elm']));
    expect(Math.max(...numbers(drawn, 'size'))).toBeLessThan(12);
    const conditioned = draw(conditional(), 300, { c: 3, v: { above: 6.5 } });
    expect(new Set(numbers(conditioned, 'c'))).toEqual(new Set([3]));
    expect(Math.min(...numbers(conditioned, 'v'))).toBeGreaterThan(6.5);
    expect(draw(pair(), 1, 'x > 20').rows).toBe(1);
  });

  it('refuses events that are too rare, and temperatures with a rare event', () => {
    expect(() => draw(pair(), 400, 'x > 10 and x < 10')).toThrow('enough for 0 rows. Give a wider event');
    expect(() => sampleGiven(pair(), 5, { given: 'x > 18', seed: 0, temperature: 0.9 })).toThrow(
      'expected temperature 1',
    );
    expect(sampleGiven(pair(), 5, { given: 'x > 12', seed: 0, temperature: 0.9 }).rows).toBe(5);
  });

  it('scores: log p(row) - log P(event), -Infinity outside of the event', () => {
    const trained = pair();
    const rows = framed(trained, [
      { x: 15, y: -1 },
      { x: 9, y: -1 },
      { x: 15, y: null },
      { x: 9, y: null },
      { x: null, y: -1.2 },
    ]);
    const [plain, scored] = [trained.score(rows), scoreGiven(trained, rows, 'x > 14')];
    const log = Math.log(above(2));
    for (const row of [0, 2]) {
      expect(Math.abs(scored.values[row]! - (plain.values[row]! - log))).toBeLessThan(3 * scored.errors[row]! + 1e-5);
      expect(scored.errors[row]).toBeGreaterThan(plain.errors[row]!);
    }
    expect([scored.values[1], scored.values[3]]).toEqual([-Infinity, -Infinity]);
    // p(y, x > 14) / P(x > 14), with u the standardized y.
    const u = 1.6;
    const truth = Math.log((density(u) / 0.5) * above((2 - 0.8 * u) / 0.6)) - log;
    expect(Math.abs(scored.values[4]! - truth)).toBeLessThan(3 * scored.errors[4]!);
    expect(scored.errors[4]).toBeLessThan(0.3);
    expect(scored.pValues.every(Number.isNaN)).toBe(true);
  });

  it('scores of a model with conditions use the probability under the conditions of each row', () => {
    const trained = conditional();
    const rows = framed(trained, [
      { c: 0, v: 2 },
      { c: 1, v: 2 },
      { c: 0, v: 3 },
    ]);
    const { values, errors } = scoreGiven(trained, rows, 'v > 1.5');
    [Math.log(density(2) / above(1.5)), Math.log(density(0) / above(-0.5)), Math.log(density(3) / above(1.5))].forEach(
      (truth, row) => expect(Math.abs(values[row]! - truth)).toBeLessThan(3 * errors[row]!),
    );
    expect(() => scoreGiven(trained, rows, 'c = 1')).toThrow('Write the conditions into the rows.');
    const many = framed(
      trained,
      Array.from({ length: 101 }, (_, i) => ({ c: i / 50, v: 3 })),
    );
    expect(() => scoreGiven(trained, many, { v: { above: -100 } })).toThrow('at most 100 different rows of conditions');
  });

  it('filled rows fulfil the event, and have the conditional distribution', () => {
    const trained = pair();
    const rows = framed(trained, [
      { x: null, y: -1.5 },
      { x: 12, y: null },
      { x: 8, y: null },
      { x: 8, y: -2 },
    ]);
    const keep = keepOf(trained, eventOnRows(trained, 'x > 11', 'impflow/impute'));
    const found = trained.impute(rows, { draws: 150, key: key(2), keep });
    const own = (row: number, name: string): Float64Array =>
      numbers(found.frame, name).filter((_, i) => found.row[i] === row);
    // x given y = -1.5 (u = 1) is normal with the mean 10 + 2 * 0.8 and the deviation 2 * 0.6.
    const cut = above((11 - 11.6) / 1.2);
    expect(Math.min(...own(0, 'x'))).toBeGreaterThan(11);
    expect(deviation(own(0, 'x'), (x) => 1 - above((x - 11.6) / 1.2) / cut)).toBeLessThan(2.23 / Math.sqrt(150));
    expect(own(1, 'x').length).toBe(150);
    expect(found.left).toEqual([2]);
    expect([...own(3, 'x')]).toEqual([8]);
    const many = trained.impute(framed(trained, [{ x: null, y: -1.5 }]), { draws: 15_000, key: key(2), keep });
    expect(many.frame.rows).toBe(15_000);
  });
});
