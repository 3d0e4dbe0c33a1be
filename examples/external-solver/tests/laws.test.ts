// Tests the properties that every solver must have, and the properties that only this solver has.
import { cpu } from '@impflow/backend-cpu';
import { orThrow, solve } from '@impflow/solvers';
import { testSolver } from '@impflow/testkit';
import { add, mul, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { ironsTuck } from '../src/irons-tuck.ts';

testSolver({ solver: () => ironsTuck(), backends: [cpu()] });

beforeAll(async () => {
  await cpu().start();
});

it('`ironsTuck` solves an affine map of any slope in two steps', () => {
  for (const slope of [0.9, 0.1, -0.9, -3]) {
    const { value, stats } = orThrow(
      solve(
        (y) => add(mul(slope, y), 1),
        tensor2d([
          [0, 5, -2],
          [1, 1, 1],
        ]),
        { solver: ironsTuck() },
      ),
    );
    expect(stats.steps).toBe(2);
    for (const one of value.dataSync()) expect(one).toBeCloseTo(1 / (1 - slope), 5);
  }
});

it('`ironsTuck` refuses options out of range', () => {
  expect(() => ironsTuck({ first: 0 })).toThrow('[irons-tuck] Wrong first: expected a number in (0, 1], got 0');
  expect(() => ironsTuck({ most: 1 })).toThrow('Wrong most');
});
