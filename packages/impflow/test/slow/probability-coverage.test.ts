import { wasm } from '@impflow/backend-wasm';
import type { TrainedRecords } from '@impflow/tables';
import { onBackend } from '@impflow/testkit';
import { describe, expect, it } from 'vitest';
import type { RowEvent } from '../../src/questions/ranges/event.ts';
import { probabilityOf, type ProbabilityOptions } from '../../src/questions/ranges/probability.ts';
import {
  above,
  between,
  COMPONENTS,
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
} from '../questions/ranges/exact.ts';

const SEEDS = 50;
const FIRST = 2000;

interface Case {
  readonly model: () => TrainedRecords;
  readonly event: RowEvent;
  readonly given?: ProbabilityOptions['given'];
  readonly truth: number;
}

const [, wide, left] = COMPONENTS;
const largeElms = KINDS[2] * WET[2].reduce((sum, wet, j) => sum + wet * above(15 - SIZES[2] - Number(j === 0)), 0);
/** `P(x > 15, y < -2)` of `pair`, with a negative corner of a positive correlation. */
const against = integral((x) => density(x) * above((0.8 * x) / 0.6), 2.5, 14, 600);

const CASES: readonly Case[] = [
  { model: pair, event: 'x > 12', truth: above(1) },
  { model: pair, event: 'x > 19.506848', truth: above(4.753424) },
  { model: pair, event: 'x > 18 or x < 2', truth: 2 * above(4) },
  { model: pair, event: 'x > 15 and y < -2', truth: against },
  { model: pair, event: 'y < -2', given: 'x > 15', truth: against / above(2.5) },
  {
    model: mixed,
    event: 'a > 5.5 or b > 5.9',
    truth: COMPONENTS.reduce((sum, { weight, mean, deviation }) => {
      const [a, b] = [above((5.5 - mean[0]) / deviation[0]), above((5.9 - mean[1]) / deviation[1])];
      return sum + weight * (a + b - a * b);
    }, 0),
  },
  // Two components of the mixture reach this event. The one that is nearest has 82 % of the probability.
  {
    model: mixed,
    event: 'b > 6',
    truth: COMPONENTS.reduce(
      (sum, { weight, mean, deviation }) => sum + weight * above((6 - mean[1]) / deviation[1]),
      0,
    ),
  },
  {
    model: mixed,
    event: 'b > 5',
    given: 'a < -5',
    truth:
      (0.5 * left.weight * above(-1) + COMPONENTS[0].weight * above(5) ** 2) /
      (left.weight * above(-1) + COMPONENTS[0].weight * above(5) + wide.weight * above(18)),
  },
  { model: trees, event: 'size > 15 and kind = "red elm"', truth: largeElms },
  {
    model: () => trees(TAIL),
    event: 'size > 19 and kind != oak',
    truth: [1, 2, 3].reduce((sum, i) => {
      const mean = (j: number): number => 19 - SIZES[i]! - Number(j === 0);
      const of = (j: number): number => (1 - TAIL.weight) * above(mean(j)) + TAIL.weight * above(mean(j) / TAIL.scale);
      return sum + KINDS[i]! * WET[i]!.reduce((all, wet, j) => all + wet * of(j), 0);
    }, 0),
  },
  { model: rounded, event: 'count = 112 and rain > 5', truth: between(3.5, 4) * above(2) },
];

describe('the standard error of a probability is honest', () => {
  onBackend(wasm());

  // With a correct error, the number of hits within one standard error has the binomial distribution of 50 trials with
  // p = 0.683, and is outside of 22 to 45 with a probability below 0.1 %. Fewer than 42 hits within 1.96 standard errors
  // have a probability of 0.1 %.
  it.each(CASES)('P($event | $given) = $truth over 50 seeds', ({ model, event, given, truth }) => {
    const trained = model();
    const found = Array.from({ length: SEEDS }, (_, seed) =>
      probabilityOf(trained, event, { ...(given === undefined ? {} : { given }), seed: FIRST + seed, draws: 2000 }),
    );
    const scores = found.map(({ probability, standardError }) => (probability - truth) / standardError);
    const within = (most: number): number => scores.filter((score) => Math.abs(score) <= most).length;
    const covered = found.filter(({ low, high }) => low <= truth && truth <= high).length;
    const mean = scores.reduce((sum, score) => sum + score, 0) / SEEDS;
    expect(within(1)).toBeGreaterThanOrEqual(22);
    expect(within(1)).toBeLessThanOrEqual(45);
    expect(within(1.96)).toBeGreaterThanOrEqual(42);
    expect(covered).toBeGreaterThanOrEqual(42);
    // The mean of the scores has a standard error of 0.14.
    expect(Math.abs(mean)).toBeLessThan(0.5);
  });
});
