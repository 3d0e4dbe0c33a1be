import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { emptyRecorder, judged } from '../../src/state/history.ts';
import { standingOf } from '../../src/state/standing.ts';
import { leadInWords } from '../../src/ui/race-lead.ts';

const ROWS = 400;
/** Returns losses that differ much from row to row. */
const losses = (shift: (row: number) => number, rows = ROWS): Float32Array =>
  Float32Array.from({ length: rows }, (_, i) => 3 * Math.sin(i) + shift(i));
const run = (of: Float32Array | undefined): Parameters<typeof standingOf>[0][number] => ({
  history: signal(
    (of === undefined ? emptyRecorder : judged(emptyRecorder, { nats: 0, standardError: 1, step: 1, losses: of }))
      .history,
  ),
});
const inWords = (a: Float32Array, b: Float32Array): string => leadInWords(standingOf([run(a), run(b)])!);

describe('the standing of two models', () => {
  it('losses are compared row by row, so a small lead counts if the lead is similar in all rows', () => {
    expect(
      inWords(
        losses(() => 0),
        losses((i) => 0.1 + 0.01 * Math.cos(i)),
      ),
    ).toMatch(/^A is ahead: its loss on the same 400 new points is lower by 0\.100 ± 0\.00\d nats/);
    expect(
      inWords(
        losses(() => 0),
        losses((i) => 0.01 + Math.cos(7 * i)),
      ),
    ).toMatch(/^Level: .* may be chance/);
  });

  it('the means and the lead are of the same rows: rows that only one model has, or that failed, do not count', () => {
    const other = losses((i) => (i === 7 ? NaN : -0.1), 100);
    const { points, means, lead } = standingOf([run(losses(() => 0)), run(other)])!;
    expect(points).toBe(99);
    expect(lead!.nats).toBeCloseTo(-0.1, 6);
    expect(means[1]!.nats - means[0]!.nats).toBeCloseTo(lead!.nats, 9);
    expect(leadInWords({ points, lead })).toMatch(/^B is ahead: its loss on the same 99 new points is lower by 0\.100/);
  });

  it('there is no standing before every model has a result, and no lead with a single model', () => {
    expect(standingOf([run(undefined), run(losses(() => 0))])).toBeUndefined();
    expect(standingOf([])).toBeUndefined();
    expect(standingOf([run(losses(() => 0))])).toMatchObject({ points: ROWS, lead: undefined });
  });
});

it('a history keeps the losses of single rows only for its last result', () => {
  const of = (step: number) => ({ nats: 1, standardError: 0.1, step, losses: losses(() => 0) });
  const { heldOut } = judged(judged(emptyRecorder, of(1)), of(2)).history;
  expect(heldOut.map((result) => result.losses?.length)).toEqual([undefined, ROWS]);
});
