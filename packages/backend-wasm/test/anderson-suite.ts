import { key, normals, type BackendAdapter } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { memory, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { runKernel } from './run-kernel.ts';

/** Inputs of one call of the kernel, as plain arrays. */
interface Call {
  readonly batch: number;
  readonly d: number;
  readonly held: number;
  readonly memory: number;
  readonly damping: number;
  readonly regularization: number;
  readonly y: Float32Array;
  readonly gap: Float32Array;
  readonly lastY: Float32Array;
  readonly lastGap: Float32Array;
  /** History of differences of iterates, `[B, held, d]`. */
  readonly values: Float32Array;
  readonly gaps: Float32Array;
}

const draw = (seed: number, size: number): Float32Array => Float32Array.from(normals(key(seed), size));

const call = (batch: number, d: number, held: number, memory: number, damping = 1, regularization = 1e-6): Call => ({
  batch,
  d,
  held,
  memory,
  damping,
  regularization,
  y: draw(1, batch * d),
  gap: draw(2, batch * d),
  lastY: draw(3, batch * d),
  lastGap: draw(4, batch * d),
  values: draw(5, batch * held * d),
  gaps: draw(6, batch * held * d),
});

/**
 * Runs the kernel `ImpflowAnderson`. Returns the three outputs of the kernel: the arrays `values` and `gaps` of the new
 * history, and the next iterate.
 */
const run = ({
  batch,
  d,
  held,
  memory,
  damping,
  regularization,
  y,
  gap,
  lastY,
  lastGap,
  values,
  gaps,
}: Call): readonly [Float32Array, Float32Array, Float32Array] => {
  const row = (x: Float32Array): Tensor => tensor(x, [batch, d]);
  const stack = (x: Float32Array): Tensor => tensor(x, [batch, held, d]);
  const inputs = {
    y: row(y),
    gap: row(gap),
    lastY: row(lastY),
    lastGap: row(lastGap),
    ...(held === 0 ? {} : { values: stack(values), gaps: stack(gaps) }),
  };
  const outputs = runKernel('ImpflowAnderson', inputs, { memory, damping, regularization });
  const k = Math.min(memory, held + 1);
  expect(outputs.map(({ shape }) => shape)).toEqual([
    [batch, k, d],
    [batch, k, d],
    [batch, d],
  ]);
  return outputs.map((x) => x.dataSync<'float32'>()) as unknown as readonly [Float32Array, Float32Array, Float32Array];
};

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const inner = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Computes `A^-1 R` by Gauss-Jordan elimination with pivoting, in float64. */
const solved = (a: readonly (readonly number[])[], right: readonly (readonly number[])[]): number[][] => {
  const rows = a.map((row, i) => [...row, ...right[i]!]);
  rows.forEach((_, j) => {
    const best = range(rows.length)
      .slice(j)
      .reduce((p, i) => (Math.abs(rows[i]![j]!) > Math.abs(rows[p]![j]!) ? i : p), j);
    [rows[j], rows[best]] = [rows[best]!, rows[j]!];
    const top = rows[j]!.map((x) => x / rows[j]![j]!);
    rows.forEach((row, i) => {
      rows[i] = i === j ? top : row.map((x, l) => x - row[j]! * top[l]!);
    });
  });
  return rows.map((row) => row.slice(a.length));
};

/** Returns the next iterate of sample `b` in float64, and a bound on the rounding error of float32. */
const expected = (
  { d, damping, regularization, y, gap }: Call,
  b: number,
  values: Float32Array,
  gaps: Float32Array,
  k: number,
): { readonly next: readonly number[]; readonly bound: number } => {
  const rowOf = (x: Float32Array, i: number): number[] => [...x.subarray(i * d, (i + 1) * d)];
  const [v, g, here, target] = [
    range(k).map((i) => rowOf(values, b * k + i)),
    range(k).map((i) => rowOf(gaps, b * k + i)),
    rowOf(y, b),
    rowOf(gap, b),
  ];
  const trace = Math.max(
    1e-30,
    g.reduce((sum, row) => sum + inner(row, row), 0),
  );
  const system = g.map((p, i) => g.map((q, j) => inner(p, q) / trace + (i === j ? regularization : 0)));
  const inverse = solved(
    system,
    range(k).map((i) => range(k).map((j) => (i === j ? 1 : 0))),
  );
  const right = g.map((row) => inner(row, target) / trace);
  const c = inverse.map((row) => inner(row, right));
  const moves = range(k).map((i) => v[i]!.map((x, j) => x + damping * g[i]![j]!));
  const next = here.map((x, j) => x + damping * target[j]! - c.reduce((sum, each, i) => sum + each * moves[i]![j]!, 0));
  // The matrix of the linear system has a norm of about one, so the norm of the inverse matrix amplifies the relative
  // error.
  const growth = Math.hypot(...inverse.flat()) * (Math.hypot(...c) + Math.hypot(...right));
  return {
    next,
    bound: 1e-6 * (1 + Math.hypot(...here, ...target) + (Math.hypot(...c) + growth) * Math.hypot(...moves.flat())),
  };
};

/**
 * Each size is `[batch, d]`, with short or long samples. Each history is `[held, memory]`. The number `held` of kept
 * differences ranges from zero to a number larger than `memory`.
 */
const sizes = [
  ...[1, 2, 6].flatMap((d) => [1, 3, 5, 500].map((batch) => [batch, d] as const)),
  ...[3, 16, 47, 48, 51, 130].map((d) => [5, d] as const),
  [2, 1100] as const,
];
const histories = [
  [0, 1],
  [0, 5],
  [1, 5],
  [4, 5],
  [5, 5],
  [7, 3],
  [3, 1],
  [19, 20],
] as const;
const cases = sizes.flatMap(([batch, d]) =>
  histories.filter(([, memory]) => memory <= Math.max(5, d)).map(([held, memory]) => [batch, d, held, memory] as const),
);

/** Compares the Anderson step of a backend that has this kernel with a computation in float64. */
export const testAnderson = (adapter: BackendAdapter): void => {
  onBackend(adapter);

  it('the Anderson step agrees with float64', () => {
    for (const [batch, d, held, memory] of cases) {
      for (const [damping, regularization] of [
        [1, 1e-6],
        [0.6, 1e-2],
      ] as const) {
        tidy(() => {
          const one = call(batch, d, held, memory, damping, regularization);
          const [values, gaps, next] = run(one);
          const k = Math.min(memory, held + 1),
            drop = held + 1 - k;
          for (let b = 0; b < batch; b++) {
            const history = (past: Float32Array, now: Float32Array, before: Float32Array): Float32Array =>
              Float32Array.of(
                ...past.subarray((b * held + drop) * d, (b + 1) * held * d),
                ...now.subarray(b * d, (b + 1) * d).map((x, i) => x - before[b * d + i]!),
              );
            const name = `B = ${batch}, d = ${d}, ${held} of ${memory}, sample ${b}`;
            expect(values.subarray(b * k * d, (b + 1) * k * d), name).toEqual(history(one.values, one.y, one.lastY));
            expect(gaps.subarray(b * k * d, (b + 1) * k * d), name).toEqual(history(one.gaps, one.gap, one.lastGap));
            const { next: exact, bound } = expected(one, b, values, gaps, k);
            expect(Math.hypot(...exact.map((x, i) => x - next[b * d + i]!)), name).toBeLessThan(bound);
          }
        });
      }
    }
  });

  it.each([2, 6, 48, 70])('with a history of zeros the Anderson step equals the plain fixed-point step, d = %d', (d) =>
    tidy(() => {
      const one = call(5, d, 2, 5, 0.5);
      const [, , next] = run({
        ...one,
        lastY: one.y,
        lastGap: one.gap,
        values: one.values.fill(0),
        gaps: one.gaps.fill(0),
      });
      expect(next).toEqual(one.y.map((y, i) => y + Math.fround(0.5 * one.gap[i]!)));
      const [, , still] = run({ ...one, gap: one.gap.fill(0), lastGap: one.gap, values: one.values, gaps: one.gaps });
      expect(still).toEqual(one.y);
    }),
  );

  it.each([2, 6, 48, 70])('NaN, infinity or 1e30 in one sample does not change the other samples, d = %d', (d) =>
    tidy(() => {
      const one = call(7, d, 3, 5);
      const clean = run(one);
      for (const wrong of [NaN, Infinity, -Infinity, 1e30]) {
        for (const bad of [0, 2, 6]) {
          for (const name of ['y', 'gap', 'lastGap', 'values', 'gaps'] as const) {
            const size = one[name].length / 7;
            const found = run({
              ...one,
              [name]: one[name].map((x, at) => (Math.floor(at / size) === bad ? wrong : x)),
            });
            found.forEach((out, i) => {
              const each = out.length / 7;
              const others = (x: Float32Array): Float32Array => x.filter((_, at) => Math.floor(at / each) !== bad);
              expect(others(out)).toEqual(others(clean[i]!));
            });
            expect(found[2]!.subarray(bad * d, (bad + 1) * d)).not.toEqual(clean[2].subarray(bad * d, (bad + 1) * d));
          }
        }
      }
    }),
  );

  it('the Anderson step of an empty batch is empty and leaks no tensor', () => {
    const before = memory().numTensors;
    for (const d of [3, 50])
      for (const held of [0, 2])
        tidy(() => {
          expect(run(call(0, d, held, 5))[2]).toHaveLength(0);
        });
    expect(memory().numTensors).toBe(before);
  });
};
