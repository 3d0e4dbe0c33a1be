import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openJobFolder, partName } from '../src/parts/job-folder.ts';
import type { WrittenPart } from '../src/tasks/task.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const empty = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-job-'));
  folders.push(folder);
  return folder;
};
const nameOf = (part: number): string => partName(part, '.csv');
const open = (folder: string, job: object = { n: 1 }, replace = false) =>
  openJobFolder<WrittenPart>(folder, job, { nameOf, replace });
const result: WrittenPart = { rows: 1, bytes: 4, sha256: '' };
const write = (folder: string, part: number): void => writeFileSync(join(folder, nameOf(part)), '1,2\n');

describe('`openJobFolder`', () => {
  test('`partName` pads the number of a part with zeros, so that the file names sort in the order of the parts', () => {
    expect(partName(17, '.parquet')).toBe('part-00017.parquet');
  });

  test('a complete folder contains only the manifest and the parts, and `openJobFolder` counts all parts as done', async () => {
    const folder = empty();
    const job = await open(folder);
    for (const part of [0, 1]) {
      write(folder, part);
      await job.record(part, result);
    }
    await job.finish(2);
    expect(readdirSync(folder).toSorted()).toEqual(['manifest.json', 'part-00000.csv', 'part-00001.csv']);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({ job: { n: 1 }, rows: 2 });
    expect([...(await open(folder)).done.keys()]).toEqual([0, 1]);
  });

  test('`openJobFolder` continues an interrupted job: a recorded part whose file exists is done', async () => {
    const folder = empty();
    const job = await open(folder);
    for (const part of [0, 1, 2]) {
      if (part !== 1) write(folder, part);
      await job.record(part, result);
    }
    writeFileSync(join(folder, nameOf(2)), 'cut');
    appendFileSync(join(folder, 'results-0.jsonl'), '{"part":3,"resu');
    const again = await open(folder);
    expect([...again.done.keys()]).toEqual([0]);
    await again.record(3, result);
    write(folder, 3);
    expect([...(await open(folder)).done.keys()]).toEqual([0, 3]);
  });

  test('the process that completes a shared job writes the manifest', async () => {
    const folder = empty();
    const shares = await Promise.all([0, 1].map((share) => openJobFolder<WrittenPart>(folder, {}, { nameOf, share })));
    for (const part of [0, 1]) {
      expect(await shares[0]!.finish(2)).toBeUndefined();
      write(folder, part);
      await shares[part]!.record(part, result);
    }
    expect((await shares[1]!.finish(2))?.rows).toBe(2);
    expect((await shares[0]!.finish(2))?.rows).toBe(2);
    expect(readdirSync(folder).toSorted()).toEqual(['manifest.json', 'part-00000.csv', 'part-00001.csv']);
  });

  test('`openJobFolder` refuses parts of another job, and deletes them with the option `replace`', async () => {
    const folder = empty();
    await open(folder);
    write(folder, 0);
    await expect(open(folder, { n: 2 })).rejects.toThrow('holds parts of another job');
    expect(existsSync(join(folder, nameOf(0)))).toBe(true);
    await open(folder, { n: 2 }, true);
    expect(existsSync(join(folder, nameOf(0)))).toBe(false);
  });

  test('`openJobFolder` never changes a folder that contains files of another kind', async () => {
    const folder = empty();
    writeFileSync(join(folder, 'thesis.tex'), '');
    await expect(open(folder, { n: 1 }, true)).rejects.toThrow('holds other files');
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  test.each([
    ['part-00001.csv', 'x\n1\n'],
    ['results-0.jsonl', '{}\n'],
    ['manifest.json', '{ "name": "A web page" }'],
    ['job.json', '{}'],
  ])('`openJobFolder` never deletes a file %s that no job has written', async (name, text) => {
    const folder = empty();
    writeFileSync(join(folder, name), text);
    for (const replace of [false, true])
      await expect(open(folder, { n: 1 }, replace)).rejects.toThrow(
        `holds other files: expected a new or empty folder, or the folder of this job, got ${name}`,
      );
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  test('`openJobFolder` ignores temporary files of killed processes', async () => {
    const folder = empty();
    writeFileSync(join(folder, '.part-00000.csv.12.0.tmp'), '');
    await expect(open(folder)).resolves.toBeDefined();
  });
});
