import { tensor1d, tile, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { valuesOf } from '../numbers.ts';

/** A law about special numbers, such as NaN and infinities. */
export interface Edge {
  /** Name of the law, after `edge: `. */
  readonly name: string;
  /** Checks the law. Rejects if the law does not hold. */
  readonly holds: () => Promise<void>;
}

/** The smallest positive normal number of float32. Many GPUs treat smaller numbers as zero. */
const NORMAL = 2 ** -126;

/** Tolerances. */
export interface Judged {
  /** Relative tolerance. Default 1e-4: far from zero, the rounding of the argument causes errors of this size. */
  readonly relative?: number;
  /** Absolute tolerance. Default: the smallest normal number, so that a backend may treat smaller numbers as zero. */
  readonly absolute?: number;
}

const agrees = (got: number, wanted: number, { relative = 1e-4, absolute = NORMAL }: Judged): boolean => {
  const rounded = Math.fround(wanted);
  // 0 and -0 count as equal.
  return (
    Object.is(got, rounded) || got === rounded || Math.abs(got - rounded) <= relative * Math.abs(rounded) + absolute
  );
};

/**
 * Checks a function at each row of arguments, in small tensors and in large tensors, for which other kernels may run.
 */
export const at = async (
  f: (...x: Tensor[]) => Tensor,
  rows: readonly (readonly number[])[],
  exact: (...x: number[]) => number,
  judged: Judged = {},
): Promise<void> => {
  for (const times of [1, 150]) {
    const columns = (): Tensor[] =>
      rows[0]!.map((_, i) => tile(tensor1d(Float32Array.from(rows, (row) => row[i]!)), [times]));
    const got = await valuesOf(() => f(...columns()));
    const wrong = got.flatMap((value, i) => {
      const row = rows[i % rows.length]!.map(Math.fround);
      return agrees(value, exact(...row), judged) ? [] : [`${value} at ${row.join(', ')}, not ${exact(...row)}`];
    });
    expect([...new Set(wrong)].slice(0, 5)).toEqual([]);
  }
  // Each row is also checked separately, because backends may pass a tensor of one number as a constant.
  for (const row of rows) {
    const [value] = await valuesOf(() => f(...row.map((x) => tensor1d([x]))));
    const wanted = exact(...row.map(Math.fround));
    expect(agrees(value!, wanted, judged), `${value} at ${row.join(', ')}, not ${wanted}`).toBe(true);
  }
};

/** Checks a function of one variable, like {@link at}. */
export const along = (
  f: (x: Tensor) => Tensor,
  points: readonly number[],
  exact: (x: number) => number,
  judged?: Judged,
): Promise<void> =>
  at(
    f,
    points.map((x) => [x]),
    exact,
    judged,
  );
