import { key, normals, scoped, uniforms } from '@impflow/core';
import type { Layer } from '@impflow/lipschitz';
import { tensor, Variable, type Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { slopes, STEPS, type Slopes } from './differences.ts';

/**
 * Shifts of the parameters. An activation that is right only at its initial parameters fails at the shifted parameters.
 */
export const SHIFTS: readonly number[] = [-1.3, 1.3];

/**
 * Runs `body` for each of `shifts`, with all parameters of a layer moved by the shift. For a layer without parameters,
 * runs `body` only for a shift of 0.
 */
export const whereMoved = (layer: Layer, shifts: readonly number[], body: (by: number) => void): void =>
  scoped(() => {
    const parameters = Object.values(layer.parameters).filter((parameter) => parameter instanceof Variable);
    const present = parameters.map((parameter) => values(parameter).slice());
    const move = (by: number): void => {
      for (const [i, parameter] of parameters.entries())
        parameter.assign(
          tensor(
            present[i]!.map((entry) => entry + by),
            parameter.shape,
          ),
        );
      layer.refresh?.({ tolerance: 1e-5 });
    };
    try {
      for (const by of parameters.length === 0 ? shifts.filter((shift) => shift === 0) : shifts) {
        move(by);
        body(by);
      }
    } finally {
      if (parameters.length > 0) move(0);
    }
  });

/** Number of rows of {@link setting}. */
export const ROWS = 12;
/** Number of entries of a row. */
export const WIDTH = 4;

/** Draws points `x`, tangents `t`, and cotangents `w` and `u`, of `ROWS` rows each. */
export const setting = (): Readonly<Record<'x' | 't' | 'w' | 'u', Float64Array>> => {
  const draw = (seed: number): Float64Array => normals(key(seed), ROWS * WIDTH);
  return { x: draw(66).map((z) => 1.5 * z), t: draw(67), w: draw(68), u: draw(69) };
};

/** Returns the indices of the entries of a row. */
export const indices = (row: number): number[] => Array.from({ length: WIDTH }, (_, k) => row * WIDTH + k);

/** Reads a tensor. */
export const values = (of: Tensor): Float32Array => of.dataSync() as Float32Array;
/** Returns a batch, `[B, WIDTH]`. */
export const batch = (entries: ArrayLike<number>): Tensor =>
  tensor(Float32Array.from(entries), [entries.length / WIDTH, WIDTH]);

/**
 * Checks the Lipschitz bound with the derivative at `points`, and with differences of values between `points` and other
 * points.
 */
export const expectBounded = (layer: Layer, points: Float64Array, where = ''): void => {
  expect(layer.lipschitz).toBeGreaterThan(0);
  const x = batch(points);
  const direction = normals(key(63), points.length);
  const steepest = Math.max(...rowNorms(layer.jvp(layer.trace(x), units(x))));
  expect(steepest, `largest slope by the derivative${where}`).toBeLessThan(layer.lipschitz * (1 + 1e-5));
  for (const distance of [0.03, 0.3, 3, 30]) {
    const to = points.map((entry, i) => entry + distance * direction[i]!);
    const [a, b] = [values(layer.value(x)), values(layer.value(batch(to)))];
    const [moved, gone] = [
      rowNorms(batch(a.map((entry, i) => entry - b[i]!))),
      rowNorms(batch(Float32Array.from(points, (entry, i) => entry - to[i]!))),
    ];
    // 5e-5 allows for the rounding of values that are as large as their points.
    moved.forEach((length, i) =>
      expect(length, `distance of two values${where}`).toBeLessThan(layer.lipschitz * (1 + 1e-3) * gone[i]! + 5e-5),
    );
  }
};

/** Returns 1,000 rows near zero, and 1,000 rows with entries from -50 to 50. */
export const nearAndFar = (): readonly [Float64Array, Float64Array] => [
  normals(key(61), 1000 * WIDTH).map((z) => 2 * z),
  uniforms(key(62), 1000 * WIDTH).map((u) => 100 * u - 50),
];

/** Returns the unit tangents of each row, `[WIDTH, B, WIDTH]`. */
export const units = (x: Tensor): Tensor =>
  tensor(
    Float32Array.from({ length: WIDTH * x.size }, (_, i) => (Math.floor(i / x.size) === i % WIDTH ? 1 : 0)),
    [WIDTH, ...x.shape],
  );

/** Returns a stack with one batch, `[1, B, WIDTH]`. */
export const stack = (entries: ArrayLike<number>): Tensor =>
  tensor(Float32Array.from(entries), [1, entries.length / WIDTH, WIDTH]);

const rowNorms = (x: Tensor): number[] => {
  const entries = values(x);
  return Array.from({ length: entries.length / WIDTH }, (_, row) =>
    Math.hypot(...indices(row).map((i) => entries[i]!)),
  );
};

/** Compares each claimed derivative of `f` along `direction` with a finite difference. */
export const compare = (
  x: Float64Array,
  f: (moved: ArrayLike<number>) => ArrayLike<number>,
  direction: ArrayLike<number>,
  claimed: (i: number) => number,
  kinks: boolean,
): void => {
  const around = STEPS.map((shift) => f(x.map((entry, i) => entry + shift * direction[i]!)));
  const compared = Array.from(around[0]!, (_, i) => {
    const { central, jump }: Slopes = slopes(around.map((at) => at[i]!));
    if (kinks && jump > 1e-3) return false;
    expect(Math.abs(claimed(i) - central), `entry ${i}: ${claimed(i)}, difference ${central}`).toBeLessThan(
      2e-3 * Math.max(1, Math.abs(central)),
    );
    return true;
  });
  expect(compared.filter(Boolean).length).toBeGreaterThan(compared.length / 3);
};

/**
 * Checks that values far from zero agree with the slopes. Between two points, a value changes at most by their
 * distance times the largest slope between them. If the square in `a / sqrt(1 + a^2)` overflows, the value jumps from
 * 1 to 0 although all slopes are 0, which breaks this law.
 */
export const expectFarValues = (layer: Layer): void =>
  scoped(() => {
    const sizes = Array.from({ length: 176 }, (_, i) => 100 * 1.6 ** i);
    const from = Float32Array.from(sizes.flatMap((size) => [size, -size, size / 2, -size / 3]));
    const way = from.map((entry) => 0.6 * entry);
    const at = Array.from({ length: 17 }, (_, k) =>
      layer.trace(batch(from.map((entry, i) => entry + (k / 16) * way[i]!))),
    );
    const slopes = at.map((trace) => values(layer.jvp(trace, stack(way))));
    const [first, last] = [values(at[0]!.value), values(at.at(-1)!.value)];
    for (const i of from.keys()) {
      // The law "is finite for finite input" reports values that are not finite.
      if (!Number.isFinite(last[i]!)) continue;
      const moved = Math.abs(last[i]! - first[i]!);
      // The samples may miss the peaks of oscillating slopes, so twice the largest sampled slope plus rounding is
      // allowed.
      const most = 2 * Math.max(...slopes.map((slope) => Math.abs(slope[i]!))) + 1e-5 * Math.abs(first[i]!) + 1e-3;
      if (moved > most)
        expect.fail(
          `Entry ${i % WIDTH} of a row: expected values that differ by at most ${most} between the ` +
            `inputs ${from[i]} and ${from[i]! + way[i]!}, got ${first[i]} and ${last[i]}.`,
        );
    }
  });
