import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { emptyRecorder, judged } from '../../src/state/history.ts';
import { leadInWords } from '../../src/ui/race-lead.ts';

const ROWS = 400;
/** Returns losses that differ much from row to row. */
const losses = (shift: (row: number) => number, rows = ROWS): Float32Array =>
  Float32Array.from({ length: rows }, (_, i) => 3 * Math.sin(i) + shift(i));
const run = (of: Float32Array | undefined): Parameters<typeof leadInWords>[0] => ({
  history: signal(
    (of === undefined ? emptyRecorder : judged(emptyRecorder, { nats: 0, standardError: 1, step: 1, losses: of }))
      .history,
  ),
});

describe('leadInWords', () => {
  it('`leadInWords` compares losses row by row, so a small lead counts if the lead is similar in all rows', () => {
    expect(leadInWords(run(losses(() => 0)), run(losses((i) => 0.1 + 0.01 * Math.cos(i))))).toMatch(
      /^A is ahead: .* lower by 0\.100 ± 0\.00\d nats/,
    );
    expect(leadInWords(run(losses(() => 0.1)), run(losses(() => 0, 100)))).toMatch(/^B is ahead: .* lower by 0\.100/);
  });

  it('`leadInWords` names no leader before the first pictures, or if the difference may be due to chance', () => {
    expect(leadInWords(run(losses(() => 0)), run(losses((i) => 0.01 + Math.cos(7 * i))))).toMatch(
      /^Level: .* may be chance/,
    );
    expect(leadInWords(run(undefined), run(losses(() => 0)))).toBe('The race begins with the first pictures.');
  });
});

it('a history keeps the losses of single rows only for its last result', () => {
  const of = (step: number) => ({ nats: 1, standardError: 0.1, step, losses: losses(() => 0) });
  const { heldOut } = judged(judged(emptyRecorder, of(1)), of(2)).history;
  expect(heldOut.map((result) => result.losses?.length)).toEqual([undefined, ROWS]);
});
