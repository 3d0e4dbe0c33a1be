// Compares moments of the simulators with moments of the simulators of sbibm, which were measured with 400,000
// simulations each.
import { expect, it } from 'vitest';
import { core } from '../../bench/library.mjs';
import { SIMULATORS, simulated } from '../simulators.mjs';

const { key } = core;
const ROWS = 100_000;

/** Returns the means of the first two simulated values, their variances and their covariance. */
const moments = (name: string, theta: readonly number[]): readonly number[] => {
  const { parameters, outputs, simulate } = SIMULATORS[name]!;
  const x = simulate(
    key(4),
    Float64Array.from({ length: ROWS * parameters }, (_, i) => theta[i % parameters]!),
    ROWS,
  );
  const meanOf = (f: (a: number, b: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < ROWS; row++) sum += f(x[row * outputs]!, x[row * outputs + 1]!);
    return sum / ROWS;
  };
  const [a, b] = [meanOf((first) => first), meanOf((_, second) => second)];
  return [
    a,
    b,
    meanOf((first) => (first - a) ** 2),
    meanOf((_, second) => (second - b) ** 2),
    meanOf((first, second) => (first - a) * (second - b)),
  ];
};

it.each([
  ['two-moons', [0.3, -0.7], [0.0308, -0.707, 0.000997, 0.00505, 0.0000025]],
  ['two-moons', [-0.5, -0.2], [-0.1813, 0.212, 0.000996, 0.005056, 0.0000078]],
  ['slcp', [1, -2, 1.5, -0.8, 0.6], [0.9985, -1.9998, 5.0523, 0.4098, 0.7743]],
] as const)('the simulator %s has the moments of sbibm at the parameters %j', (name, theta, expected) => {
  const found = moments(name, theta);
  const [, , first, second] = expected;
  // Each bound is five standard errors, including the errors of the moments of sbibm: one false alarm in a million.
  const errors = [first, second, first * first * 2, second * second * 2, first * second * 2].map(
    (variance) => 5 * Math.sqrt((1.25 * variance) / ROWS),
  );
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(errors[i]!));
});

it('the prior is uniform within its bound', () => {
  for (const simulator of Object.values(SIMULATORS)) {
    const { theta, x } = simulated(simulator, key(1), 5000);
    expect(theta.length).toBe(5000 * simulator.parameters);
    expect(x.length).toBe(5000 * simulator.outputs);
    expect(Math.max(...theta)).toBeLessThanOrEqual(simulator.bound);
    expect(Math.min(...theta)).toBeLessThan(-0.99 * simulator.bound);
    expect(x.every(Number.isFinite)).toBe(true);
  }
});
