import { key, normals } from '@impflow/core';
import { expect, it } from 'vitest';
import { gridAxis } from '../src/grid-axis.ts';

it('gridAxis returns equally spaced coordinates that cover all values except some outliers', () => {
  const values = [...normals(key(0), 1000), 1e6, Number.NaN];
  const axis = gridAxis(values, 5);
  const [first, last] = [axis[0]!, axis[4]!];
  expect(first).toBeLessThan(-2.5);
  expect(first).toBeGreaterThan(-6);
  expect(last).toBeGreaterThan(2.5);
  expect(last).toBeLessThan(6);
  expect([...axis.subarray(1)].map((x, i) => (x - axis[i]!) / (last - first))).toEqual(
    Array.from({ length: 4 }, () => expect.closeTo(0.25, 6)),
  );
});
