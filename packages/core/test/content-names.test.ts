import { cpu } from '@impflow/backend-cpu';
import { contentNames, drawNormal, forRows, key } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import { expect, it } from 'vitest';

onBackend(cpu());

it('`contentNames`: the name of a row depends on its numbers and not on its position', () => {
  const rows = Float32Array.of(1, 2, 3, 4, 1, 2, 0, -0, -0, 0);
  const names = contentNames(rows, 5);
  expect(names[2]).toBe(names[0]);
  expect(names[4]).toBe(names[3]);
  expect(new Set(names).size).toBe(3);
  expect(contentNames(rows.slice(2, 4), 1)).toEqual([names[1]]);
  const drawn = drawNormal(forRows(key(7), names), [5, 2]).arraySync() as number[][];
  expect(drawn[2]).toEqual(drawn[0]);
});

it('`contentNames`: close numbers have different names, which `forRows` accepts', () => {
  const rows = Float32Array.from({ length: 20_000 }, (_, i) => 1 + i * 2 ** -23);
  const names = contentNames(rows, rows.length);
  expect(names.every((name) => Number.isSafeInteger(name) && name >= 0)).toBe(true);
  expect(new Set(names).size).toBe(rows.length);
});
