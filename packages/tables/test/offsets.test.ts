import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key, normals, uniforms } from '@impflow/core';
import {
  describeColumns,
  inUnits,
  offsetRemarks,
  offsetsOf,
  readOffsets,
  readTable,
  resolutionsOf,
  summariesInUnits,
  writeTable,
} from '@impflow/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-offsets-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const draws = normals(key(1), 500);
const shares = uniforms(key(2), 500);
const column = (of: (i: number) => number): readonly number[] => Array.from({ length: 500 }, (_, i) => of(i));
const offsetOf = (values: readonly number[]): number | undefined => offsetsOf([{ name: 'a', values }])['a'];

const seconds = column((i) => 1_580_000_000 + Math.floor(600 * shares[i]!));
const dates = column((i) => 20_200_101 + 100 * Math.floor(12 * shares[i]!) + (i % 28));

describe('offsetsOf', () => {
  it('offsets each column that float32 is too coarse for by one of its values', () => {
    for (const values of [
      seconds,
      dates,
      seconds.map((value) => 1000 * value + 1),
      column((i) => 1e8 + draws[i]!),
      column((i) => 1_000_000 + (i % 40) / 10),
      column((i) => 3_600 * (438_888 + (i % 50))),
    ]) {
      const offset = offsetOf(values)!;
      expect(values).toContain(offset);
      // The offset is within the range of the column, so the rest is at most that range.
      expect(Math.max(...values.map((value) => Math.abs(value - offset)))).toBeLessThanOrEqual(
        0.6 * (Math.max(...values) - Math.min(...values)),
      );
    }
  });

  it('leaves out columns that float32 can hold, and those where centering does not help', () => {
    for (const values of [
      column((i) => draws[i]!),
      column((i) => 1000 + draws[i]!),
      column((i) => -122.7611694 + 30 * draws[i]!),
      column((i) => 2019 + (i % 3)),
      column((i) => i % 2),
      column((i) => 50_000 + (i % 900)),
      column((i) => Math.floor(1e9 * shares[i]!)),
      column(() => 1e9),
      column(() => NaN),
      [0, 1e30],
    ])
      expect(offsetOf(values)).toBeUndefined();
  });

  it('offsets a column of two values by the smaller: 0.5 and 1.5 differ as 0 and 1 do', () => {
    expect(offsetOf(column((i) => 0.5 + (i % 2)))).toBe(0.5);
    expect(offsetOf([...column((i) => 0.5 + (i % 2)), 2.5])).toBeUndefined();
  });

  it('describes the offsets in words, and reads stored ones', () => {
    expect(offsetRemarks({ t: 20200131 })).toEqual([
      't: 20200131 is subtracted in float64, before its values become float32, and added to samples.',
    ]);
    expect(readOffsets({ t: 1 })).toEqual({ t: 1 });
    for (const wrong of [null, [1], { t: 'x' }, { t: null }]) expect(readOffsets(wrong)).toBeUndefined();
  });
});

describe('readTable with offsets', () => {
  const read = async (values: readonly number[], offsets: 'auto' | Readonly<Record<string, number>>) => {
    const path = join(folder, 'a.csv');
    await writeFile(path, `t\n${values.join('\n')}\n`);
    return readTable(path, { offsets });
  };

  it('keeps every digit in .csv, .npy and .parquet', async () => {
    for (const values of [seconds, dates]) {
      const table = await read(values, 'auto');
      const rows = { ...table, values: inUnits(table.values, table.columns, table.offsets!) };
      expect([...rows.values]).toEqual(values);
      for (const name of ['b.csv', 'b.npy', 'b.parquet']) {
        await writeTable(join(folder, name), rows);
        const { offsets, values: again, columns } = await readTable(join(folder, name), { offsets: 'auto' });
        expect([...inUnits(again, columns, offsets!)]).toEqual(values);
      }
      expect((await readFile(join(folder, 'b.csv'), 'utf8')).split('\n').slice(1, -1).map(Number)).toEqual(values);
    }
  });

  it('returns decimals as they were written', () => {
    expect([...inUnits(Float32Array.of(0.3, 0.1, 7, 0.25), ['a', 'b'], { a: 1_000_000.1 })]).toEqual([
      1_000_000.4,
      Math.fround(0.1),
      1_000_007.1,
      0.25,
    ]);
  });

  it('recognizes whole numbers: noise in [0, 1) does not round away', async () => {
    const table = await read(seconds, 'auto');
    expect(resolutionsOf(describeColumns(await read([...seconds, ...seconds], 'auto')))).toEqual({ t: 1 });
    const [summary] = summariesInUnits(describeColumns(table), table.offsets!);
    expect([summary!.min, summary!.max]).toEqual([Math.min(...seconds), Math.max(...seconds)]);
  });

  it('subtracts given offsets, and none by default', async () => {
    expect([...(await read([20_200_131, 20_200_133], { t: 20_200_131 })).values]).toEqual([0, 2]);
    expect(await read([1, 2], { u: 5 })).not.toHaveProperty('offsets');
    expect(await readTable(join(folder, 'a.csv'))).not.toHaveProperty('offsets');
  });
});
