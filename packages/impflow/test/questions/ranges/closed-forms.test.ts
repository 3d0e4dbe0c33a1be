import { wasm } from '@impflow/backend-wasm';
import type { TrainedRecords } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import type { Probability } from '../../../src/questions/ranges/estimate.ts';
import type { RowEvent } from '../../../src/questions/ranges/event.ts';
import { probabilityOf, type ProbabilityOptions } from '../../../src/questions/ranges/probability.ts';
import {
  above,
  between,
  COMPONENTS,
  conditional,
  density,
  integral,
  KINDS,
  mixed,
  pair,
  rounded,
  SIZES,
  TAIL,
  trees,
  WET,
} from './exact.ts';

/** Returns `P(x > 10 + 2 a, y > -2 + 0.5 b)` of `pair`. */
const corner = (a: number, b: number): number =>
  integral((x) => density(x) * above((b - 0.8 * x) / 0.6), a, a + 12, 600);

/** Returns the sum over all combinations of `trees` of the probability times `f(mean of size, kind, wet)`. */
const summed = (f: (mean: number, kind: number, wet: number) => number): number =>
  KINDS.reduce(
    (sum, kind, i) => sum + WET[i]!.reduce((all, wet, j) => all + kind * wet * f(SIZES[i]! + Number(j === 0), i, j), 0),
    0,
  );

const ofMixture = (f: (low: (at: number, i: 0 | 1) => number, each: (typeof COMPONENTS)[number]) => number): number =>
  COMPONENTS.reduce((sum, each) => sum + each.weight * f((at, i) => (at - each.mean[i]) / each.deviation[i], each), 0);

const logOdds = (hour: number): number => Math.log(hour / (24 - hour));

interface Case {
  readonly model: () => TrainedRecords;
  readonly event: RowEvent;
  readonly given?: ProbabilityOptions['given'];
  readonly truth: number;
  /** Whether the result has no error. */
  readonly exact?: true;
}

const isOak = (kind: number): number => Number(kind === 0);

const CASES: readonly Case[] = [
  { model: pair, event: { x: { above: 11 } }, truth: above(0.5) },
  { model: pair, event: 'x > 11 and y > -1.5', truth: corner(0.5, 1) },
  { model: pair, event: 'x > 16 or x < 4', truth: 2 * above(3) },
  { model: pair, event: 'x > 19.506848', truth: above(4.753424) },
  { model: pair, event: 'y > -1', given: 'x > 14', truth: corner(2, 2) / above(2) },
  { model: pair, event: { y: { below: -2 } }, given: { x: { above: 16 } }, truth: 1 - corner(3, 0) / above(3) },
  { model: pair, event: 'not x > 19.506848', truth: 1 - above(4.753424) },
  { model: mixed, event: 'a between 3 and 5', truth: ofMixture((at) => between(at(3, 0), at(5, 0))) },
  { model: mixed, event: 'a < -9 and b < 4.5', truth: ofMixture((at) => above(-at(-9, 0)) * above(-at(4.5, 1))) },
  {
    model: mixed,
    event: 'a > 6 or b > 6',
    truth: ofMixture((at) => above(at(6, 0)) + above(at(6, 1)) - above(at(6, 0)) * above(at(6, 1))),
  },
  { model: mixed, event: 'b < -9', truth: ofMixture((at) => above(-at(-9, 1))) },
  { model: trees, event: { kind: 'oak' }, truth: 0.5, exact: true },
  { model: trees, event: 'kind in (oak, "red elm") and not wet = yes', truth: 0.5 * 0.8 + 0.19 * 0.1, exact: true },
  { model: trees, event: 'wet = yes', given: 'kind != oak', truth: (0.15 + 0.171 + 0.004) / 0.5, exact: true },
  { model: trees, event: 'price > 150 and kind = ash', truth: 0.3 * above(Math.log(1.5) / 0.5) },
  { model: trees, event: 'size > 15', truth: summed((mean) => above(15 - mean)) },
  {
    model: trees,
    event: 'kind = oak',
    given: 'size > 9',
    truth: summed((mean, kind) => isOak(kind) * above(9 - mean)) / summed((mean) => above(9 - mean)),
  },
  {
    model: () => trees(TAIL),
    event: 'size > 25',
    truth:
      (1 - TAIL.weight) * summed((mean) => above(25 - mean)) +
      TAIL.weight * summed((mean) => above((25 - mean) / TAIL.scale)),
  },
  { model: rounded, event: { count: 103 }, truth: between(-1, -0.5) },
  {
    model: rounded,
    event: 'count in (98, 120) and rain = 0',
    truth: (between(-3.5, -3) + between(7.5, 8)) * between(-0.5, -0.25),
  },
  { model: rounded, event: 'rain > 0', truth: above(-0.25) },
  { model: rounded, event: { hour: { atLeast: 22, below: 2 } }, truth: above(logOdds(22)) + above(-logOdds(2)) },
  { model: rounded, event: 'day <= 2019-04-22', truth: 1 - above(-1 / 3) },
  { model: conditional, event: 'v > 5', given: 'c = 1', truth: above(3) },
  { model: conditional, event: 'v > 5', given: { c: 1, v: { above: 4 } }, truth: above(3) / above(2) },
];

describe('`probability` agrees with closed forms', () => {
  onBackend(wasm());

  const found = ({ model, event, given }: Case): Probability =>
    probabilityOf(model(), event, { ...(given === undefined ? {} : { given }), seed: 1 });

  // A correct estimate is further away than three standard errors in 0.3 % of all seeds. The seed is fixed.
  it.each(CASES.filter(({ exact }) => exact !== true))('P($event | $given) = $truth', (one) => {
    const { truth } = one;
    const { probability, standardError, reliable, failed } = found(one);
    expect([reliable, failed]).toEqual([true, 0]);
    expect(standardError).toBeGreaterThan(0);
    expect(Math.abs(probability - truth)).toBeLessThan(3 * standardError);
    // The error is small, also for rare events.
    expect(standardError).toBeLessThan(0.1 * Math.min(truth, 1 - truth));
  });

  it.each(CASES.filter(({ exact }) => exact === true))('exactly: P($event | $given) = $truth', (one) => {
    expect(found(one)).toMatchObject({ standardError: 0, draws: 0, probability: expect.closeTo(one.truth, 12) });
  });
});
