import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold, key, normals, uniforms, type FlowError } from '@impflow/core';
import { describeColumns, type ColumnSummary } from '@impflow/tables';
import { toy } from '@impflow/tables/toys';
import { runKey } from '@impflow/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTableData, tableBatches } from '../../../../trainer/src/dataset/split-table.ts';
import { placeBytes } from '../../../build/places.ts';
import { PLACES, TOYS, type DataChoice } from '../../../src/config.ts';
import type { DataRequest } from '../../../src/protocol/data.ts';
import type { Place } from '../../../src/workers/data/places.ts';
import { prepare, viewOf } from '../../../src/workers/data/prepare.ts';
import { readRows } from '../../../src/workers/data/table-file.ts';

/** A place from the files of the build. */
const loadPlace = async (name: string): Promise<Place> => {
  const { bytes, count, columns, about } = await placeBytes(name as (typeof PLACES)[number]);
  return {
    columns: columns as [string, string],
    rows: new Float32Array(bytes.buffer as ArrayBuffer, 0, 2 * count),
    about,
  };
};
const request = (choice: Partial<DataChoice>, rest: Partial<DataRequest> = {}): DataRequest => ({
  choice: { kind: 'toy', name: 'moons', noise: 0, size: 0, ...choice },
  seed: 0,
  ...rest,
});
const table = (
  rows: readonly (readonly [number, number])[],
  choice: Partial<DataChoice> = {},
  rest: Partial<DataRequest> = {},
): DataRequest =>
  request(
    { kind: 'table', name: 'made.csv', ...choice },
    { rows: Float32Array.from(rows.flat()), columns: ['a', 'b'], ...rest },
  );
const drawn = (rows: Float32Array, choice: Partial<DataChoice> = {}): DataRequest =>
  request({ kind: 'drawn', name: 'drawn', ...choice }, { rows });
/** Two columns of a scatter with means 100 and -3, deviations 5 and 0.01. */
const scatter = (count: number): readonly (readonly [number, number])[] => {
  const n = normals(key(9), 2 * count);
  return Array.from({ length: count }, (_, i) => [100 + 5 * n[2 * i]!, -3 + 0.01 * n[2 * i + 1]!]);
};
const summaries = (values: Float32Array): readonly [ColumnSummary, ColumnSummary] =>
  describeColumns({ columns: ['x', 'y'], rows: values.length / 2, values, source: 'rows' }) as [
    ColumnSummary,
    ColumnSummary,
  ];
const pairsOf = (values: Float32Array): readonly string[] =>
  Array.from({ length: values.length / 2 }, (_, i) => `${values[2 * i]} ${values[2 * i + 1]}`);
const refusal = (asked: DataRequest): Promise<string> =>
  prepare(asked, loadPlace).then(
    () => 'no error',
    (error: FlowError) => `${error.code} ${error.message.replace('[demo/prepare] ', '')}`,
  );

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-prepare-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a toy', () => {
  it.each(TOYS)('%s: the rows of the command line, in a square that contains them', async (name) => {
    const seed = 3;
    const [data, theirs] = [
      await prepare(request({ name }, { seed })),
      await loadTableData({ data: name }, runKey(seed, 'data')),
    ];
    expect(data.heldOut).toEqual(theirs.validation.values);
    expect([data.columns, data.entropy, data.scaling, data.dequantised, data.train.length]).toEqual([
      ['x', 'y'],
      theirs.entropy,
      undefined,
      {},
      0,
    ]);
    const [batch, theirBatch] = [
      (step: number) => data.batch(step, 100, runKey(seed, 'batches')),
      tableBatches(theirs, 100, runKey(seed, 'batches')),
    ];
    for (const step of [0, 7, 1e6]) expect(batch(step)).toEqual(theirBatch(step));
    expect(data.draw!(key(5), 10)).toEqual(toy(name).sample(key(5), 10));
    expect(data.region).toEqual([
      [-4, 4],
      [-4, 4],
    ]);
    // A Gaussian tail may leave it: not half a row in a hundred.
    expect(data.heldOut.filter((value) => Math.abs(value) > 4).length).toBeLessThanOrEqual(10);
    expect(data.about).toContain(toy(name).description);
  });

  it('gets the requested noise, and then has no entropy', async () => {
    const [plain, noisy] = [await prepare(request({})), await prepare(request({ noise: 0.3 }))];
    const noise = noisy.heldOut.map((value, i) => value - plain.heldOut[i]!);
    // Standard errors of the mean and of the deviation over 2,000 draws, times 4.4.
    for (const { mean, standardDeviation } of summaries(noise)) {
      expect(Math.abs(mean)).toBeLessThan((4.4 * 0.3) / Math.sqrt(2000));
      expect(Math.abs(standardDeviation - 0.3)).toBeLessThan((4.4 * 0.3) / Math.sqrt(4000));
    }
    expect(noisy.entropy).toBeUndefined();
    expect(noisy.region).toEqual([
      [-4.9, 4.9],
      [-4.9, 4.9],
    ]);
    expect(noisy.about).toContain('Gaussian noise of standard deviation 0.3');
    const batch = noisy.batch(4, 50, key(1));
    expect(batch).toEqual(noisy.draw!(fold(key(1), 4), 50));
    expect(batch).not.toEqual(plain.batch(4, 50, key(1)));
    expect(noisy.batch(5, 50, key(1))).not.toEqual(batch);
  });

  it('of a fixed size is drawn once, and used in a new order every epoch', async () => {
    const data = await prepare(request({ size: 64, noise: 0.1 }));
    expect([data.train.length, data.draw]).toEqual([128, undefined]);
    const epoch = (first: number): readonly string[] =>
      [0, 1, 2, 3].flatMap((i) => pairsOf(data.batch(first + i, 16, key(2))));
    expect(epoch(0).toSorted()).toEqual(pairsOf(data.train).toSorted());
    expect(epoch(4).toSorted()).toEqual(epoch(0).toSorted());
    expect(epoch(4)).not.toEqual(epoch(0));
    // A longer sample begins with the shorter, and all are judged by the same rows.
    const more = await prepare(request({ size: 100, noise: 0.1 }));
    expect(more.train.subarray(0, 128)).toEqual(data.train);
    expect(more.heldOut).toEqual(data.heldOut);
    expect((await prepare(request({ size: 64 }))).entropy).toBe(toy('moons').entropy);
  });
});

describe('batches', () => {
  it('equal those of the command line', async () => {
    const path = join(folder, 'many.csv');
    await writeFile(path, `a,b\n${scatter(1000).join('\n')}\n`);
    const [data, theirs] = [
      await prepare(table(scatter(1000))),
      await loadTableData({ data: path }, runKey(0, 'data')),
    ];
    const theirBatch = tableBatches(theirs, 70, runKey(8, 'batches'));
    for (const step of [0, 1, 9, 10, 11, 500, 3])
      expect(data.batch(step, 70, runKey(8, 'batches'))).toEqual(theirBatch(step));
  });

  it('larger than all rows repeat the rows', async () => {
    const data = await prepare(table(scatter(20)));
    const stream = [0, 1, 2].flatMap((step) => pairsOf(data.batch(step, 30, key(4))));
    expect(data.train.length).toBe(32);
    for (let first = 0; first < 80; first += 16)
      expect(stream.slice(first, first + 16).toSorted()).toEqual(pairsOf(data.train).toSorted());
    expect(stream.slice(0, 16)).not.toEqual(stream.slice(16, 32));
  });

  it('depend only on the step, the size and the key', async () => {
    const data = await prepare(table(scatter(200)));
    const before = data.batch(3, 32, key(4));
    data.batch(100, 32, key(4));
    data.batch(3, 500, key(4));
    expect(data.batch(3, 32, key(5))).not.toEqual(before);
    expect(data.batch(3, 32, key(4))).toEqual(before);
  });
});

describe('rows of a place', () => {
  it.each([
    ['earthquakes', 1679],
    ['zipcodes', 33_109],
  ] as const)('%s: split as on the command line', async (name, rows) => {
    const [data, theirs] = [
      await prepare(request({ kind: 'place', name }, { seed: 2 }), loadPlace),
      await loadTableData({ data: name }, runKey(2, 'data')),
    ];
    expect(data.train).toEqual(theirs.train.values);
    expect(data.heldOut).toEqual(Float32Array.of(...theirs.validation.values, ...theirs.test.values));
    expect(data.scaling).toEqual(theirs.scaling);
    expect((data.train.length + data.heldOut.length) / 2).toBe(rows);
    expect(data.columns).toEqual(['longitude (degrees)', 'latitude (degrees)']);
    expect(data.about).toContain(
      name === 'zipcodes'
        ? 'GeoNames postal codes, snapshot of 2017. License: CC BY 4.0.'
        : 'U.S. Geological Survey, earthquake feed. License: public domain.',
    );
  });

  it('the picture shows nearly all of them', async () => {
    const {
      region: [[left, right], [low, high]],
      aspect,
      train,
    } = await prepare(request({ kind: 'place', name: 'zipcodes' }), loadPlace);
    const rows = pairsOf(train).map((pair) => pair.split(' ').map(Number) as [number, number]);
    const inside = rows.filter(([x, y]) => x >= left && x <= right && y >= low && y <= high).length / rows.length;
    expect(inside).toBeGreaterThan(0.99);
    expect([left, right, low, high].map(Math.round)).toEqual([-131, -62, 23, 52]);
    // A degree to the east is shorter than one to the north.
    expect(aspect).toBeCloseTo((high - low) / (right - left) / Math.cos(((low + high) / 2) * (Math.PI / 180)), 10);
    expect(aspect).toBeGreaterThan(0.5);
    expect(aspect).toBeLessThan(0.6);
  });

  it('no picture reaches beyond the globe', async () => {
    const { region, aspect } = await prepare(request({ kind: 'place', name: 'earthquakes' }), loadPlace);
    expect(region[0]).toEqual([-180, 180]);
    expect(region[1][1]).toBe(90);
    expect(aspect).toBeGreaterThan(0.4);
    expect(aspect).toBeLessThan(0.6);
  });

  it('may be fewer, with the same held-out rows', async () => {
    const [all, some] = [
      await prepare(request({ kind: 'place', name: 'earthquakes' }), loadPlace),
      await prepare(request({ kind: 'place', name: 'earthquakes', size: 100 }), loadPlace),
    ];
    expect(some.train).toEqual(all.train.subarray(0, 200));
    expect(some.heldOut).toEqual(all.heldOut);
    expect((await prepare(request({ kind: 'place', name: 'earthquakes', size: 1e6 }), loadPlace)).train).toEqual(
      all.train,
    );
  });
});

describe('rows of a table', () => {
  it('equal those of the command line, with noise on whole numbers', async () => {
    const u = uniforms(key(3), 600);
    const lines = Array.from({ length: 300 }, (_, i) => `row ${i},${Math.floor(6 * u[2 * i]!)},${u[2 * i + 1]}`);
    const text = `id,count,share\n${lines.join('\n')}\n`;
    const path = join(folder, 'counts.csv');
    await writeFile(path, text);
    const columns = ['count', 'share'] as const;
    const rows = readRows('counts.csv', new TextEncoder().encode(text), { columns, skipGaps: false }).rows;
    const data = await prepare(request({ kind: 'table', name: 'counts.csv' }, { rows, columns, seed: 6 }));
    const theirs = await loadTableData({ data: path, columns }, runKey(6, 'data'));
    expect(data.dequantised).toEqual({ count: 1 });
    expect(data.train).toEqual(theirs.train.values);
    expect(data.heldOut).toEqual(Float32Array.of(...theirs.validation.values, ...theirs.test.values));
    expect(data.about).toBe(
      'The columns count and share of counts.csv. They stay in this browser. Whole numbers in count: ' +
        'uniform noise in [0, 1) added, so that a density exists.',
    );
    // The rows that were given are as they were.
    expect(rows.filter((_, i) => i % 2 === 0).every(Number.isInteger)).toBe(true);
  });

  it('are taken once where most are copies, as on the command line', async () => {
    const u = uniforms(key(4), 80);
    const text = `a,b\n${Array.from({ length: 400 }, (_, i) => `${u[2 * (i % 40)]},${u[2 * (i % 40) + 1]}`).join('\n')}\n`;
    const path = join(folder, 'copies.csv');
    await writeFile(path, text);
    const columns = ['a', 'b'] as const;
    const data = await prepare(
      request(
        { kind: 'table', name: 'copies.csv' },
        { ...readRows('copies.csv', new TextEncoder().encode(text), { columns, skipGaps: false }), seed: 6 },
      ),
    );
    const theirs = await loadTableData({ data: path, columns }, runKey(6, 'data'));
    expect([data.distinct, theirs.distinct, data.train.length]).toEqual([true, true, 64]);
    expect(data.train).toEqual(theirs.train.values);
    expect(data.about).toContain('360 copies of rows are left out.');
  });

  it('keep the color of each row through copies that are left out, the split and the size', async () => {
    const few = scatter(40);
    const rows = Array.from({ length: 400 }, (_, i) => few[i % few.length]!);
    const values = Float32Array.from(rows, ([across]) => across);
    const data = await prepare(
      table(rows, { size: 20 }, { colors: { name: 'of the first column', values }, skipped: 1 }),
    );
    const across = data.train.filter((_, i) => i % 2 === 0);
    expect([data.distinct, across.length, data.colors]).toEqual([
      true,
      20,
      { name: 'of the first column', values: across },
    ]);
    expect(viewOf(data).colors?.values).toEqual(across);
    expect(data.about).toContain('1 row with a gap is left out.');
  });

  it('get noise in standard deviations of their columns', async () => {
    const rows = scatter(4000);
    const [plain, noisy] = [await prepare(table(rows)), await prepare(table(rows, { noise: 0.5 }))];
    for (const [j, column] of summaries(noisy.train.map((value, i) => value - plain.train[i]!)).entries()) {
      const expected = 0.5 * plain.scaling!.scale[j]!;
      expect(Math.abs(column.standardDeviation / expected - 1)).toBeLessThan(0.06);
    }
    expect(noisy.about).toContain('Gaussian noise of 0.5 standard deviations of each column added.');
  });

  it('hold out two of ten', async () => {
    const data = await prepare(table(scatter(10)));
    expect([data.train.length, data.heldOut.length]).toEqual([16, 4]);
  });

  it('may be very many', async () => {
    const data = await prepare(table(scatter(700_000)));
    expect([data.train.length, data.heldOut.length]).toEqual([1_120_000, 280_000]);
  });

  it('have a picture that ignores outliers', async () => {
    const rows = [...scatter(2000), [1e30, 0], [-1e30, 0]] as const;
    const {
      region: [[left, right]],
    } = await prepare(table(rows));
    expect(left).toBeGreaterThan(60);
    expect(right).toBeLessThan(140);
    // Nearly all rows are equal, so the others decide.
    const heaped = await prepare(
      table(
        Array.from(
          { length: 4000 },
          (_, i) => (i % 1000 === 0 ? [i / 1000 + 0.25, i / 7000] : [0.5, 0.25]) as [number, number],
        ),
      ),
    );
    for (const [low, high] of heaped.region) expect(high).toBeGreaterThan(low);
  });
});

describe('drawn points', () => {
  const cloud = Float32Array.from(normals(key(1), 400), (value) => 1 + 0.2 * value);

  it('stay in the square on which they were drawn', async () => {
    const data = await prepare(drawn(cloud));
    expect([data.train.length, data.heldOut.length]).toEqual([360, 40]);
    expect([data.name, data.columns, data.region]).toEqual([
      'drawn points',
      ['x', 'y'],
      [
        [-4, 4],
        [-4, 4],
      ],
    ]);
    expect([...pairsOf(data.train), ...pairsOf(data.heldOut)].toSorted()).toEqual(pairsOf(cloud).toSorted());
    expect((await prepare(drawn(cloud, { noise: 0.5 }))).region).toEqual([
      [-5.5, 5.5],
      [-5.5, 5.5],
    ]);
    const far = await prepare(drawn(cloud.map((value) => 100 * value)));
    expect(far.region[0][1]).toBeGreaterThan(100);
  });

  it('are not moved if they happen to be whole numbers, and get noise in units of the square', async () => {
    const grid = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i % 3 : i % 5));
    const data = await prepare(drawn(grid));
    expect([data.dequantised, data.train.every(Number.isInteger)]).toEqual([{}, true]);
    const noisy = await prepare(drawn(cloud, { noise: 2 }));
    for (const { standardDeviation } of summaries(noisy.train))
      expect(Math.abs(standardDeviation / 2 - 1)).toBeLessThan(0.25);
  });
});

describe('viewOf', () => {
  it('shows some rows, and their number', async () => {
    const fresh = viewOf(await prepare(request({})));
    expect([fresh.points.length, fresh.trainRows, fresh.heldOutRows, fresh.entropy, 'batch' in fresh]).toEqual([
      4000,
      0,
      2000,
      toy('moons').entropy,
      false,
    ]);
    const data = await prepare(request({ kind: 'place', name: 'zipcodes' }), loadPlace);
    const view = viewOf(data);
    expect([view.points.length, view.trainRows, view.heldOutRows, 'entropy' in view]).toEqual([
      4000,
      26_487,
      6622,
      false,
    ]);
    // A copy: it may be handed over.
    expect(view.points.buffer).not.toBe(data.train.buffer);
    structuredClone(view, { transfer: [view.points.buffer] });
    expect(data.train[0]).toBeLessThan(0);
  });
});

describe('wrong data', () => {
  it('are refused with a reason', async () => {
    const line = (slope: number, bend = 0) =>
      Array.from({ length: 50 }, (_, i) => [i / 7, (slope * i) / 7 + 3 + bend * Math.sin(i)] as const);
    expect(await refusal(request({ name: 'moon' }))).toContain('registry [tables/toy] Unknown toy: expected one of');
    expect(await refusal(request({ kind: 'place', name: 'zipcode' }))).toBe(
      'registry Unknown place: expected one of earthquakes, zipcodes, got "zipcode". Did you mean "zipcodes"?',
    );
    expect(await refusal(request({ noise: -1 }))).toBe(
      'option Wrong noise: expected a standard deviation, 0 or more, got -1.',
    );
    expect(await refusal(request({ noise: NaN }))).toContain('got NaN');
    expect(await refusal(request({ size: 5 }))).toBe(
      'option Wrong number of rows: expected 0 for all, or a whole number of at least 10, got 5.',
    );
    expect(await refusal(request({ kind: 'drawn', name: 'drawn' }))).toBe(
      'input There are no rows of drawn points. Draw some.',
    );
    expect(await refusal(request({ kind: 'table', name: 'a.csv' }, { columns: ['a', 'b'] }))).toBe(
      'input There are no rows of a.csv. Open the file again.',
    );
    expect(await refusal(request({ kind: 'table', name: 'a.csv' }, { rows: new Float32Array(40) }))).toContain(
      'Unknown columns of a.csv',
    );
    expect(await refusal(drawn(new Float32Array(6)))).toBe(
      'input Too few rows in drawn points: expected at least 10, got 3. Draw more points.',
    );
    expect(await refusal(drawn(new Float32Array(31)))).toContain('Half a row in drawn points');
    expect(await refusal(drawn(Float32Array.of(...new Float32Array(41), NaN)))).toBe(
      'input Wrong number in row 21 of drawn points: expected finite numbers, got NaN.',
    );
    expect(await refusal(table(scatter(30).map(([a]) => [a, 7])))).toBe(
      'input Nothing to learn in the column "b" of made.csv: ' +
        'expected values that differ, got 7 in every row to train on. Choose another column.',
    );
    expect(await refusal(table(line(-2)))).toBe(
      'input The rows of made.csv lie on a line, where a density of the plane has no value: ' +
        'expected two columns of which neither follows from the other, got "a" and "b" with a correlation of -1. Choose another column.',
    );
    expect(await refusal(table(line(1e-5)))).toContain('correlation of 1.');
    expect(await refusal(drawn(Float32Array.from(line(1).flat())))).toContain('Draw points that spread both ways.');
    expect(await refusal(table(line(2, 0.05)))).toBe('no error');
    expect(await refusal(table(line(2), { noise: 0.1 }))).toBe('no error');
  });
});
