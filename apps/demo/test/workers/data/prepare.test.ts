import { fold, key, normals, uniforms, type FlowError, type Key } from '@impflow/core';
import { describeColumns, parseFrame, type ColumnSummary } from '@impflow/tables';
import { toy } from '@impflow/tables/toys';
import { runKey } from '@impflow/training';
import { drawParts, specOf, splitTable, type TableParts } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { placeBytes } from '../../../build/places.ts';
import { PLACES, TOYS, type DataChoice } from '../../../src/config.ts';
import type { DataRequest } from '../../../src/protocol/data.ts';
import type { Place } from '../../../src/workers/data/places.ts';
import { prepare, viewOf } from '../../../src/workers/data/prepare.ts';
import { batchesOf, pairsOf, type Prepared } from '../../../src/workers/data/prepared.ts';
import { readRows } from '../../../src/workers/data/table-file.ts';

/** Loads a bundled geographic data set from the bytes that the build writes. */
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
/** Returns rows of two independent Gaussian columns with means 100 and -3 and standard deviations 5 and 0.01. */
const scatter = (count: number): readonly (readonly [number, number])[] => {
  const n = normals(key(9), 2 * count);
  return Array.from({ length: count }, (_, i) => [100 + 5 * n[2 * i]!, -3 + 0.01 * n[2 * i + 1]!]);
};
const summaries = (values: Float32Array): readonly [ColumnSummary, ColumnSummary] =>
  describeColumns(['x', 'y'].map((name, j) => ({ name, numbers: values.filter((_, i) => i % 2 === j) }))) as [
    ColumnSummary,
    ColumnSummary,
  ];
const textsOf = (values: Float32Array): readonly string[] =>
  Array.from({ length: values.length / 2 }, (_, i) => `${values[2 * i]} ${values[2 * i + 1]}`);
const refusal = (asked: DataRequest): Promise<string> =>
  prepare(asked, loadPlace).then(
    () => 'no error',
    (error: FlowError) => `${error.code} ${error.message.replace('[demo/prepare] ', '')}`,
  );

/** Returns the rows of a training step, `[size, 2]`. */
const batchOf = (data: Prepared, step: number, size: number, own: Key): Float32Array => {
  const { fitted, complete } = data.parts;
  const { shape, rowsOfStep } = batchesOf(
    data,
    specOf(fitted, complete, { model: 'implicit' }, !data.isScaled),
    size,
    own,
  );
  return rowsOfStep(step).filter((_, i) => i % shape[1] < 2);
};
/** Splits a table in the same way as `impflow train`. */
const split = (text: string, columns: readonly string[], seed: number): Promise<TableParts> =>
  splitTable(
    { frame: parseFrame('a.csv', new TextEncoder().encode(text)) },
    { columns, key: runKey(seed, 'data'), transform: ['none'] },
  );

describe('rows of a toy density', () => {
  it.each(TOYS)('toy density %s has the same rows as impflow; the picture contains nearly all rows', async (name) => {
    const seed = 3;
    const data = await prepare(request({ name }, { seed }));
    const theirs = drawParts({ ...toy(name), columns: ['x', 'y'], source: name }, runKey(seed, 'data'));
    expect(data.heldOut).toEqual(pairsOf(theirs.test).subarray(0, 4000));
    expect(pairsOf(data.parts.validation)).toEqual(pairsOf(theirs.validation));
    expect([data.columns, data.entropy, data.isScaled, data.train.length]).toEqual([
      ['x', 'y'],
      toy(name).entropy,
      false,
      0,
    ]);
    expect(data.parts.sampler!.sample(key(5), 10)).toEqual(toy(name).sample(key(5), 10));
    expect(data.region).toEqual([
      [-4, 4],
      [-4, 4],
    ]);
    // At most half a percent of the rows may lie outside the square.
    expect(data.heldOut.filter((value) => Math.abs(value) > 4).length).toBeLessThanOrEqual(10);
    expect(data.about).toContain(toy(name).description);
  });

  it('a toy density gets the requested noise, and its entropy is then unknown', async () => {
    const [plain, noisy] = [await prepare(request({})), await prepare(request({ noise: 0.3 }))];
    const noise = noisy.heldOut.map((value, i) => value - plain.heldOut[i]!);
    // The limits are 4.4 standard errors of the mean and of the standard deviation over 2,000 draws.
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
    const batch = batchOf(noisy, 4, 50, key(1));
    expect(batch).toEqual(noisy.parts.sampler!.sample(fold(key(1), 4), 50));
    expect(batch).not.toEqual(batchOf(plain, 4, 50, key(1)));
    expect(batchOf(noisy, 5, 50, key(1))).not.toEqual(batch);
  });

  it('the rows of a toy density with a fixed size are drawn once, and used in a new order every epoch', async () => {
    const data = await prepare(request({ size: 64, noise: 0.1 }));
    expect([data.train.length, data.parts.sampler]).toEqual([128, undefined]);
    const epoch = (first: number): readonly string[] =>
      [0, 1, 2, 3].flatMap((i) => textsOf(batchOf(data, first + i, 16, key(2))));
    expect(epoch(0).toSorted()).toEqual(textsOf(data.train).toSorted());
    expect(epoch(4).toSorted()).toEqual(epoch(0).toSorted());
    expect(epoch(4)).not.toEqual(epoch(0));
    // A larger sample begins with the rows of a smaller sample. The held-out rows do not depend on the size.
    const more = await prepare(request({ size: 100, noise: 0.1 }));
    expect(more.train.subarray(0, 128)).toEqual(data.train);
    expect(more.heldOut).toEqual(data.heldOut);
    expect((await prepare(request({ size: 64 }))).entropy).toBe(toy('moons').entropy);
  });
});

describe('batches', () => {
  it('the number of rows of a batch is at most the number of training rows', async () => {
    const data = await prepare(table(scatter(20)));
    expect(textsOf(batchOf(data, 0, 30, key(4))).toSorted()).toEqual(textsOf(data.train).toSorted());
    expect(batchOf(data, 1, 30, key(4))).not.toEqual(batchOf(data, 0, 30, key(4)));
  });

  it('a batch depends only on the step, the batch size and the key', async () => {
    const data = await prepare(table(scatter(200)));
    const before = batchOf(data, 3, 32, key(4));
    expect(batchOf(data, 3, 32, key(5))).not.toEqual(before);
    expect(batchOf(data, 3, 32, key(4))).toEqual(before);
  });
});

describe('rows of a bundled geographic data set', () => {
  it.each([
    ['earthquakes', 1679],
    ['zipcodes', 33_109],
  ] as const)(
    'all rows of %s are divided into training rows, validation rows and held-out rows',
    async (name, rows) => {
      const data = await prepare(request({ kind: 'place', name }, { seed: 2 }), loadPlace);
      const validation = pairsOf(data.parts.validation);
      expect((data.train.length + validation.length + data.heldOut.length) / 2).toBe(rows);
      expect([data.heldOut.length / 2, validation.length / 2]).toEqual([Math.round(rows / 10), Math.round(rows / 10)]);
      expect([data.columns, data.isScaled]).toEqual([['longitude (degrees)', 'latitude (degrees)'], true]);
      expect(data.about).toContain(
        name === 'zipcodes'
          ? 'GeoNames postal codes, snapshot of 2017. License: CC BY 4.0.'
          : 'U.S. Geological Survey, earthquake feed. License: public domain.',
      );
    },
  );

  it('nearly all rows of a bundled geographic data set lie in the picture', async () => {
    const {
      region: [[left, right], [low, high]],
      aspect,
      train,
    } = await prepare(request({ kind: 'place', name: 'zipcodes' }), loadPlace);
    const rows = textsOf(train).map((pair) => pair.split(' ').map(Number) as [number, number]);
    const inside = rows.filter(([x, y]) => x >= left && x <= right && y >= low && y <= high).length / rows.length;
    expect(inside).toBeGreaterThan(0.99);
    expect([left, right, low, high].map(Math.round)).toEqual([-131, -62, 23, 52]);
    // A degree of longitude is shorter than a degree of latitude.
    expect(aspect).toBeCloseTo((high - low) / (right - left) / Math.cos(((low + high) / 2) * (Math.PI / 180)), 10);
    expect(aspect).toBeGreaterThan(0.5);
    expect(aspect).toBeLessThan(0.6);
  });

  it('the map of a bundled geographic data set has only valid longitudes and latitudes', async () => {
    const { region, aspect } = await prepare(request({ kind: 'place', name: 'earthquakes' }), loadPlace);
    expect(region[0]).toEqual([-180, 180]);
    expect(region[1][1]).toBe(90);
    expect(aspect).toBeGreaterThan(0.4);
    expect(aspect).toBeLessThan(0.6);
  });

  it('a limit on the number of training rows does not change the held-out rows', async () => {
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
  it('the rows of a table equal the rows that impflow prepares, including noise on whole numbers', async () => {
    const u = uniforms(key(3), 600);
    const lines = Array.from({ length: 300 }, (_, i) => `row ${i},${Math.floor(6 * u[2 * i]!)},${u[2 * i + 1]}`);
    const text = `id,count,share\n${lines.join('\n')}\n`;
    const columns = ['count', 'share'] as const;
    const { rows } = await readRows('counts.csv', new TextEncoder().encode(text), { columns });
    const data = await prepare(request({ kind: 'table', name: 'counts.csv' }, { rows, columns, seed: 6 }));
    const theirs = await split(text, columns, 6);
    expect(data.parts.fitted.columns).toEqual([
      { kind: 'number', name: 'count', resolution: 1, whole: true },
      { kind: 'number', name: 'share' },
    ]);
    expect(data.train).toEqual(pairsOf(theirs.complete));
    expect(data.heldOut).toEqual(pairsOf(theirs.test));
    expect(data.about).toBe(
      'The columns count and share of counts.csv. They stay in this browser. Whole numbers in count: ' +
        'uniform noise in [0, 1) added, so that a density exists.',
    );
    // Preparing the rows does not change the array that was passed.
    expect(rows.filter((_, i) => i % 2 === 0).every(Number.isInteger)).toBe(true);
  });

  it('if most rows of a table are duplicates, each different row is used once, as in impflow', async () => {
    const u = uniforms(key(4), 80);
    const text = `a,b\n${Array.from({ length: 400 }, (_, i) => `${u[2 * (i % 40)]},${u[2 * (i % 40) + 1]}`).join('\n')}\n`;
    const columns = ['a', 'b'] as const;
    const data = await prepare(
      request(
        { kind: 'table', name: 'copies.csv' },
        { ...(await readRows('copies.csv', new TextEncoder().encode(text), { columns })), seed: 6 },
      ),
    );
    const theirs = await split(text, columns, 6);
    expect([data.parts.distinct, theirs.distinct, data.train.length]).toEqual([true, true, 64]);
    expect(data.train).toEqual(pairsOf(theirs.complete));
    expect(data.about).toContain('360 of the 400 rows are copies of other rows');
  });

  it('rows of a table keep their colors when duplicates are omitted and when rows are split or limited in number', async () => {
    const few = scatter(40);
    const rows = Array.from({ length: 400 }, (_, i) => few[i % few.length]!);
    const values = Float32Array.from(rows, ([across]) => across);
    const data = await prepare(
      table(rows, { size: 20 }, { colors: { name: 'of the first column', values }, skipped: 1 }),
    );
    const across = data.train.filter((_, i) => i % 2 === 0);
    expect([data.parts.distinct, across.length, data.colors]).toEqual([
      true,
      20,
      { name: 'of the first column', values: across },
    ]);
    expect(viewOf(data).colors?.values).toEqual(across);
    expect(data.about).toContain('1 row with a gap is left out.');
  });

  it('rows keep their colors if the table is so large that less than a tenth of its rows is validated', async () => {
    const rows = scatter(60_000);
    const values = Float32Array.from(rows, ([across]) => across);
    const data = await prepare(table(rows, {}, { colors: { name: 'of the first column', values } }));
    const across = data.train.filter((_, i) => i % 2 === 0);
    expect(across.length).toBe(60_000 - 4000 - 6000);
    expect(data.colors?.values).toEqual(across);
  });

  it('noise on the rows of a table is in units of the standard deviation of each column', async () => {
    const rows = scatter(4000);
    const [plain, noisy] = [await prepare(table(rows)), await prepare(table(rows, { noise: 0.5 }))];
    for (const [j, column] of summaries(noisy.train.map((value, i) => value - plain.train[i]!)).entries()) {
      const expected = 0.5 * summaries(plain.train)[j]!.standardDeviation;
      expect(Math.abs(column.standardDeviation / expected - 1)).toBeLessThan(0.06);
    }
    expect(noisy.about).toContain('Gaussian noise of 0.5 standard deviations of each column added.');
  });

  it('of ten rows of a table, one chooses the best weights and one is held out', async () => {
    const data = await prepare(table(scatter(20)));
    expect([data.train.length, data.heldOut.length]).toEqual([32, 4]);
  });

  it('a table with a very large number of rows can be prepared', async () => {
    const data = await prepare(table(scatter(200_000)));
    expect([data.train.length, data.heldOut.length]).toEqual([372_000, 20_000]);
  });

  it('the picture of a table ignores outliers', async () => {
    const rows = [...scatter(2000), [1e30, 0], [-1e30, 0]] as const;
    const {
      region: [[left, right]],
    } = await prepare(table(rows));
    expect(left).toBeGreaterThan(60);
    expect(right).toBeLessThan(140);
    // Nearly all rows are equal. The smallest and the largest value then determine the limits of the picture.
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

describe('rows of a drawing', () => {
  const cloud = Float32Array.from(normals(key(1), 400), (value) => 1 + 0.2 * value);

  it('the picture of drawn points shows the square on which they were drawn', async () => {
    const data = await prepare(drawn(cloud));
    expect([data.train.length, data.heldOut.length]).toEqual([320, 40]);
    expect([data.name, data.columns, data.region]).toEqual([
      'drawn points',
      ['x', 'y'],
      [
        [-4, 4],
        [-4, 4],
      ],
    ]);
    const all = pairsOf(data.parts.complete, data.parts.validation, data.parts.test);
    expect(textsOf(all).toSorted()).toEqual(textsOf(cloud).toSorted());
    expect((await prepare(drawn(cloud, { noise: 0.5 }))).region).toEqual([
      [-5.5, 5.5],
      [-5.5, 5.5],
    ]);
    const far = await prepare(drawn(cloud.map((value) => 100 * value)));
    expect(far.region[0][1]).toBeGreaterThan(100);
  });

  it('noise on drawn points is in units of the axes', async () => {
    const noisy = await prepare(drawn(cloud, { noise: 2 }));
    for (const { standardDeviation } of summaries(noisy.train))
      expect(Math.abs(standardDeviation / 2 - 1)).toBeLessThan(0.25);
  });
});

describe('viewOf', () => {
  it('`viewOf` returns some of the rows, and the number of all rows', async () => {
    const fresh = viewOf(await prepare(request({})));
    expect([fresh.points.length, fresh.trainRows, fresh.heldOutRows, fresh.entropy, 'parts' in fresh]).toEqual([
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
      3311,
      false,
    ]);
    // `points` is a copy, so its buffer may be transferred.
    expect(view.points.buffer).not.toBe(data.train.buffer);
    structuredClone(view, { transfer: [view.points.buffer] });
    expect(data.train[0]).toBeLessThan(0);
  });
});

describe('invalid data', () => {
  it('invalid data are refused with a reason', async () => {
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
    expect(await refusal(drawn(new Float32Array(6)))).toContain('input ');
    expect(await refusal(drawn(Float32Array.from(normals(key(1), 10))))).toBe(
      'input Too few rows in drawn points: expected at least 10, got 5. Draw more points, spread in both directions.',
    );
    expect(await refusal(table(scatter(30).map(([a]) => [a, 7])))).toBe(
      'input Nothing to learn in the column "b" of made.csv: ' +
        'expected values that differ, got the same in every row. Choose another column, or add rows.',
    );
    expect(await refusal(table(line(-2)))).toBe(
      'input The column "b" of made.csv is a linear combination of "a": expected columns that are not linear ' +
        'combinations of each other, got a linear combination. Choose another column, or add rows.',
    );
    expect(await refusal(drawn(Float32Array.from(line(1).flat())))).toContain('spread in both directions.');
    expect(await refusal(table(line(2, 0.05)))).toBe('no error');
    expect(await refusal(table(line(2), { noise: 0.1 }))).toBe('no error');
  });
});
