import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, expect, it } from 'vitest';
import { parquetLimits, readParquet, type ParquetLimits } from '../src/read/parquet.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refusal = async (name: string, bytes: Buffer, limits: ParquetLimits): Promise<string> => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return readParquet('tables/readFrame', path, {}, limits).then(
    () => 'read',
    (error: Error) => error.message.replace(path, name),
  );
};

it('a damaged Parquet file that makes the reader loop forever causes an error after the time limit', async () => {
  const columnData = ['a', 'b'].map((name, j) => ({
    name,
    type: 'FLOAT' as const,
    nullable: false,
    data: Float32Array.from({ length: 20 }, (_, row) => Math.sin(2 * row + j)),
  }));
  const bytes = Buffer.from(parquetWriteBuffer({ columnData }));
  bytes[233] = 36;
  expect(await refusal('endless.parquet', bytes, { seconds: 2, megabytes: 512 })).toBe(
    '[tables/readFrame] An endless Parquet table in endless.parquet: expected a file that is read within 2 ' +
      'seconds, got more. It is damaged, or too large: write the file again, with Snappy compression or none.',
  );
});

it('a Parquet file that needs too much memory ends only the separate process that reads it', async () => {
  const bytes = Buffer.from(
    parquetWriteBuffer({
      columnData: [{ name: 'a', data: Array.from({ length: 400_000 }, (_, i) => `a text ${i}`), type: 'STRING' }],
    }),
  );
  expect(await refusal('large.parquet', bytes, { seconds: 60, megabytes: 12 })).toMatch(
    new RegExp(
      String.raw`^\[tables/readFrame\] No readable Parquet table in large\.parquet: ` +
        String.raw`expected a file whose numbers fit in 12 MiB, got the end of the process that read it, \S+\. ` +
        String.raw`It is damaged, or too large:`,
    ),
  );
});

it('parquetLimits returns larger limits for larger files', () => {
  const [small, large] = [parquetLimits(0), parquetLimits(100 * 2 ** 20)];
  expect([small.seconds, large.seconds]).toEqual([30, 130]);
  expect(large.megabytes).toBeGreaterThanOrEqual(small.megabytes);
});
