import { key, normals } from '@impflow/core';
import { expect, it } from 'vitest';
import { gridAxis } from '../src/grid-axis.ts';

it('gridAxis returns equally spaced coordinates that cover data and samples, except far values', () => {
  const data = [...normals(key(0), 1000), 1e6, Number.NaN];
  const axis = gridAxis({ name: 'x', data, samples: data.map((value) => value + 3) }, 5);
  const [first, last] = [axis[0]!, axis[4]!];
  expect(first).toBeLessThan(-2.5);
  expect(first).toBeGreaterThan(-6);
  expect(last).toBeGreaterThan(5.5);
  expect(last).toBeLessThan(9);
  expect([...axis.subarray(1)].map((x, i) => (x - axis[i]!) / (last - first))).toEqual(
    Array.from({ length: 4 }, () => expect.closeTo(0.25, 6)),
  );
});
