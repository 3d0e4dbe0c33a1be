import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, type SolveReport } from '@impflow/core';
import { buildFlow, toyPreset, type NormalizingFlow } from '@impflow/flows';
import { lively, onBackend } from '@impflow/testkit';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

// The paper's toy model, with random last layers instead of zeros.
let flow: NormalizingFlow;
let ordinary: Scores;
let without: Scores;
onBackend(wasm());
beforeAll(() => {
  flow = lively(buildFlow(toyPreset(), { key: key(1) }), 0.05);
  ordinary = score(rows);
  without = score(rows.toSpliced(BAD, 1));
});

const BAD = 123;
const rows: readonly (readonly [number, number])[] = Array.from({ length: 500 }, (_, i) => {
  const [a, b] = normals(fold(key(2), i), 2);
  return [2 * a!, 2 * b!];
});

interface Scores {
  readonly logProb: readonly number[];
  readonly solves: readonly SolveReport[];
}

const score = (points: readonly (readonly [number, number])[]): Scores => {
  const solves: SolveReport[] = [];
  const logProb = tidy(() =>
    Array.from(
      flow.logProb(tensor2d(points.map((row) => [...row])), { report: (solve) => solves.push(solve) }).dataSync(),
    ),
  );
  return { logProb, solves };
};

it('the map of the tested model is not the identity', () => {
  const normal = rows.map(([a, b]) => -Math.log(2 * Math.PI) - (a * a + b * b) / 2);
  expect(Math.max(...ordinary.logProb.map((value, i) => Math.abs(value - normal[i]!)))).toBeGreaterThan(0.5);
});

describe.each([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['1e30', 1e30],
])('a batch in which one row contains %s', (_name, value) => {
  it.each([
    ['both features', [value, value]],
    ['one feature', [0.3, value]],
  ] as const)(
    'this value in %s leaves the results of other rows bit-identical, and the report marks the row with the value',
    (_which, row) => {
      const bad = score(rows.with(BAD, row));
      expect(bad.logProb.toSpliced(BAD, 1)).toEqual(ordinary.logProb.toSpliced(BAD, 1));
      expect(bad.logProb.toSpliced(BAD, 1)).toEqual(without.logProb);
      expect(ordinary.solves.every(({ status }) => status === 'converged')).toBe(true);
      expect(bad.solves).toHaveLength(6);
      for (const { phase, status, stats } of bad.solves) {
        expect(phase).toBe('forward');
        expect(status).toBe('non-finite');
        expect([...stats.converged].flatMap((flag, i) => (flag === 0 ? [i] : []))).toEqual([BAD]);
      }
      expect(bad.solves.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `blocks.${i}`));
      // The log-density of the row itself is NaN or minus infinity, and never a plausible number.
      expect(Number.isFinite(bad.logProb[BAD]!)).toBe(false);
    },
  );
});

it('the log-density of a row is the same if the row is scored alone and in batches of any size', () => {
  const whole = ordinary.logProb;
  for (const size of [1, 7]) {
    for (const start of [0, 100, 493]) {
      score(rows.slice(start, start + size)).logProb.forEach((value, i) =>
        expect(Math.abs(value - whole[start + i]!)).toBeLessThan(1e-5),
      );
    }
  }
  // Score all rows in reverse order.
  score(rows.toReversed())
    .logProb.toReversed()
    .forEach((value, i) => expect(Math.abs(value - whole[i]!)).toBeLessThan(1e-5));
});
