import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { FlowError, sizeOf, writeAtomically } from '@impflow/core';
import { assertNewFile, assertWritable, makeAll, unwritable } from '@impflow/jobs';
import { writeFrame } from '@impflow/tables';
import { number } from 'impflow/run';
import type { Answer, SampleOptions } from '../kinds/answer.ts';
import { assertRoomFor } from '../settings/room.ts';
import type { DensityRun } from './images-run.ts';
import { numbersFrame } from './numbers-frame.ts';
import { samplesGrid } from './pictures.ts';

/**
 * Draws images into a `.png` as a grid, into a folder with one file per image, or into a table of gray levels with one
 * row per image.
 *
 * @throws `option` without `out`; `input` for an output that cannot be written, or that exists (unless `force` is set).
 */
export const sampleDensity = async (
  { model }: DensityRun,
  { n = 100, seed, temperature, given, out, force }: SampleOptions,
): Promise<Answer> => {
  if (given !== undefined)
    throw new FlowError('option', 'cli', 'A density of images has no conditions', {
      expected: 'no --given',
      got: `--given ${given}`,
      hint: 'Leave out --given.',
    });
  if (out === undefined)
    throw new FlowError('option', 'cli', 'Samples of images need --out', {
      expected: 'a file or a folder',
      got: 'none',
      hint: 'Give --out samples.png for a grid, --out samples/ for one file per image, or --out samples.npy for numbers.',
    });
  const { shape } = model;
  const size = sizeOf(shape);
  assertRoomFor(n, size, out);
  const intoFolder = await isFolder(out);
  if (intoFolder) await assertNewFolder(out, n, force);
  else await assertNewFile(out, { force, others: ['.png'] });
  const samples = model.sample(n, { seed, temperature });
  if (intoFolder) {
    await makeAll(resolve(out));
    const { picturePng } = await import('@impflow/plots');
    for (let i = 0; i < n; i++)
      await writeAtomically(
        fileOf(out, i, n),
        picturePng({ shape, pixels: samples.pixels.subarray(i * size, (i + 1) * size) }),
      );
  } else if (extname(out).toLowerCase() === '.png') {
    await writeAtomically(out, await samplesGrid(samples));
  } else {
    const columns = Object.fromEntries(
      Array.from({ length: size }, (_, j) => [
        `x${j}`,
        Float64Array.from({ length: n }, (_image, i) => samples.pixels[i * size + j]!),
      ]),
    );
    await writeFrame(out, numbersFrame(columns, 'samples'));
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
