import { key, normals, uniforms } from '@impflow/core';
import { fit } from 'impflow';
import { expect, it } from 'vitest';
import type { Row } from './columns.ts';
import { score } from './program.ts';

const ROWS = 400;
const [u, z] = [uniforms(key(11), 6 * ROWS), normals(key(12), 5 * ROWS)];

/** Visits of customers: texts, dates, an hour of the day, large numbers, counts, and prices that repeat. */
const visits: readonly Row[] = Array.from({ length: ROWS }, (_, i) => {
  const [a, b, c, d, e, f] = u.subarray(6 * i, 6 * i + 6) as unknown as number[];
  const [n, m, o, p, q] = z.subarray(5 * i, 5 * i + 5) as unknown as number[];
  const site = a! < 0.5 ? 'north' : a! < 0.8 ? 'south, east' : '3';
  const kind = b! < (site === 'north' ? 0.7 : 0.2) ? 'new' : b! < 0.9 ? 'old' : 'other';
  const hour = Math.round(10 * (12 + 8 * c!)) / 10;
  return {
    site,
    kind,
    paid: d! < (kind === 'new' ? 0.3 : 0.8) ? '1' : '0',
    day: new Date(1.6e12 + 864e5 * Math.floor(400 * e!)).toISOString().slice(0, 10),
    hour,
    level: 1e8 + 3 * n!,
    seen: new Date(1.61e12 + 1000 * Math.floor(1e6 * f!)).toISOString(),
    count: Math.round(3 * Math.exp(0.6 * m!) + (kind === 'old' ? 4 : 0)),
    mass: Math.exp(o! + Math.cos((hour * Math.PI) / 12)),
    price: Math.round(10 * (5 + p! + 0.3 * q!)) / 10,
  };
});

it('a program written from the page on mathematics agrees with `score` within 1e-4 nats on 200 rows', async () => {
  const model = await fit(visits as never, {
    given: ['site', 'day', 'hour', 'level'],
    categorical: ['paid'],
    periodic: ['hour:24'],
    scaling: 'quantiles',
    transform: ['none'],
    hidden: [12, 12],
    blocks: 2,
    base: 'mixture',
    steps: 12,
    lr: 5e-3,
    seed: 1,
    workers: 1,
  });
  // The trained nets are in use, and the mixture alone is not the best model.
  expect(model.report.bestStep).toBeGreaterThan(5);
  // A category that training did not see is part of the test.
  const rows = [...visits.slice(0, 199), { ...visits[0]!, site: 'west', kind: 'unknown' }];
  const [expected, got] = [model.score(rows as never), score(model.toBytes(), rows)];
  const differences = got.map((value, i) => Math.abs(value - expected[i]!.logDensity));
  expect(Math.max(...differences)).toBeLessThan(1e-4);
  model.dispose();
});
