import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { FlowError, sizeOf, writeAtomically } from '@impflow/core';
import { writeTable } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { assertRoomFor, drawSamples } from '../../model/draw-samples.ts';
import type { FlowModel } from '../../model/model.ts';
import { picturePng, type Tiles } from '../../plots/tiles.ts';
import { assertWritable, makeAll, unwritable } from '../../run-folder/folder.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import type { Answer, SampleOptions } from '../run-commands.ts';
import { asBytes, samplesGrid } from './pictures.ts';

/**
 * Draws images into a `.png` as a grid, into a folder as a file each, or into a table of gray levels with a row for
 * each.
 *
 * @throws `option` without `out`; `input` if it cannot be written or exists, unless forced.
 */
export const sampleImages = async (
  { model: { flow } }: LoadedRun<FlowModel>,
  { n = 100, seed, temperature, out, force }: SampleOptions,
): Promise<Answer> => {
  if (out === undefined)
    throw new FlowError('option', 'cli', 'Samples of images need a place', {
      expected: '--out',
      got: 'none',
      hint: 'Give --out samples.png for a grid, --out samples/ for a file each, or --out samples.npy for numbers.',
    });
  assertRoomFor(n, flow.dim, out);
  const intoFolder = await isFolder(out);
  if (intoFolder) await assertNewFolder(out, n, force);
  else await assertNewFile(out, force, ['.png']);
  const shape = flow.shape as Tiles['shape'];
  const size = sizeOf(shape);
  const samples = drawSamples(flow, n, { seed, temperature });
  if (intoFolder) {
    await makeAll(resolve(out));
    const pixels = asBytes(samples);
    for (let i = 0; i < n; i++)
      await writeAtomically(
        fileOf(out, i, n),
        picturePng({ shape, pixels: pixels.subarray(i * size, (i + 1) * size) }),
      );
  } else if (extname(out).toLowerCase() === '.png') {
    await writeAtomically(out, samplesGrid(shape, samples));
  } else {
    await writeTable(out, {
      columns: Array.from({ length: size }, (_, i) => `x${i}`),
      rows: n,
      values: Float32Array.from(asBytes(samples)),
    });
  }
  return { json: { rows: n, shape, out }, text: () => `${number(n)} images written to ${out}` };
};

const fileOf = (folder: string, i: number, n: number): string =>
  join(folder, `${String(i + 1).padStart(String(n).length, '0')}.png`);

const isFolder = async (out: string): Promise<boolean> =>
  /[/\\]$/.test(out) || (extname(out) === '' && (await stat(out).catch(() => undefined))?.isDirectory() !== false);

/** @throws `input` if the folder cannot be written to, or holds one of the files (unless `force`). */
const assertNewFolder = async (folder: string, n: number, force = false): Promise<void> => {
  await assertWritable(resolve(folder));
  if (force || (await stat(folder).catch(() => undefined)) === undefined) return;
  const there = new Set(
    await readdir(folder).catch((cause: unknown) => {
      throw unwritable(folder, cause);
    }),
  );
  for (let i = 0; there.size > 0 && i < n; i++) {
    const file = fileOf(folder, i, n);
    if (there.has(basename(file)))
      throw new FlowError('input', 'cli', `${file} exists already`, {
        hint: 'Choose another --out, or replace it with --force.',
      });
  }
};
