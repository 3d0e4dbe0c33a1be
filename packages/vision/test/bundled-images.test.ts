import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageDatasets, type Images } from '@impflow/vision';
import { describe, expect, it } from 'vitest';

const counts = ({ labels }: Images): readonly number[] =>
  Array.from({ length: 10 }, (_, label) => labels!.filter((value) => value === label).length);
const hashes = ({ pixels, count }: Images): readonly string[] =>
  Array.from({ length: count }, (_, i) =>
    createHash('md5')
      .update(pixels.subarray(784 * i, 784 * (i + 1)))
      .digest('hex'),
  );

describe('digits', async () => {
  const { train, test } = await imageDatasets.digits.load();

  it('the set `digits` has a fixed split of 10,000 distinct images, with 100 test images of each digit', async () => {
    expect([train.count, test.count, train.pixels.length, test.pixels.length]).toEqual([
      9000,
      1000,
      9000 * 784,
      1000 * 784,
    ]);
    expect(counts(test)).toEqual(Array.from({ length: 10 }, () => 100));
    // Number of images of each digit in the files, minus the 100 test images.
    expect(counts(train)).toEqual([901, 1027, 891, 932, 880, 763, 914, 970, 844, 878]);
    expect(new Set([...hashes(train), ...hashes(test)]).size).toBe(10_000);
    for (const part of [train, test]) {
      expect(part.shape).toEqual(imageDatasets.digits.shape);
      expect(part.classes).toEqual(imageDatasets.digits.classes);
      expect([...part.labels!.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    }
    const again = await imageDatasets.digits.load();
    expect(hashes(again.train)).toEqual(hashes(train));
    expect(hashes(again.test)).toEqual(hashes(test));
  });

  it('the set `digits` restores bytes exactly, although its package stores them as byte / 255, rounded to three decimals', async () => {
    for (const digit of [0, 7]) {
      const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
      const { data } = JSON.parse(await readFile(path, 'utf8')) as { data: number[] };
      // The rounding error is at most half a unit of the third decimal, which is 0.1275 times the step between two
      // bytes. The byte would be ambiguous only for an error of at least 0.5 steps.
      expect(
        Math.max(...data.slice(0, 100_000).map((share) => Math.abs(255 * share - Math.round(255 * share)))),
      ).toBeLessThan(0.1276);
      expect(data.every((share) => Math.round((Math.round(255 * share) / 255) * 1000) / 1000 === share)).toBe(true);
      const ours = [train, test].flatMap(({ pixels, labels, count }) =>
        Array.from({ length: count }, (_, i) => i)
          .filter((i) => labels![i] === digit)
          .map((i) => pixels.subarray(784 * i, 784 * (i + 1))),
      );
      expect(Buffer.concat(ours).equals(Buffer.from(data.map((share) => Math.round(255 * share))))).toBe(true);
    }
  });
});

describe('fashion-mnist', () => {
  const set = imageDatasets['fashion-mnist'];
  const installed = existsSync('/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz');

  it.skipIf(!installed)(
    'the set `fashion-mnist` reads the files of its Debian package (skipped if the package is not installed)',
    async () => {
      const { train, test } = await set.load();
      expect([train.count, test.count]).toEqual([60_000, 10_000]);
      expect(train.shape).toEqual(set.shape);
      expect(train.classes).toEqual(set.classes);
      expect(counts(train)).toEqual(Array.from({ length: 10 }, () => 6000));
      expect(counts(test)).toEqual(Array.from({ length: 10 }, () => 1000));
      // 0.286 is the mean gray level of the training images that is commonly used for scaling.
      expect(train.pixels.reduce((sum, value) => sum + value, 0) / train.pixels.length / 255).toBeCloseTo(0.286, 3);
      expect([...train.labels!.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
    },
  );

  it('the set `fashion-mnist` is read from a given folder, and the error for a missing file contains the path of the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'impflow-fashion-'));
    try {
      const missing =
        `[vision/imageDatasets] No Fashion-MNIST in ${folder}: expected ` +
        `${folder}/train-images-idx3-ubyte.gz, got no such file. ` +
        'Run apt-get install dataset-fashion-mnist, or give the path of a folder with the four files of Fashion-MNIST.';
      await expect(set.load({ path: folder })).rejects.toThrow(missing);
      const header = (...numbers: readonly number[]): Buffer =>
        Buffer.concat(
          numbers.map((number) => {
            const four = Buffer.alloc(4);
            four.writeUInt32BE(number);
            return four;
          }),
        );
      for (const name of ['train', 't10k'])
        await writeFile(
          join(folder, `${name}-images-idx3-ubyte`),
          Buffer.concat([header(0x803, 1, 28, 28), Buffer.alloc(784, 5)]),
        );
      await expect(set.load({ path: folder })).rejects.toThrow(/No labels beside/);
      for (const name of ['train', 't10k'])
        await writeFile(join(folder, `${name}-labels-idx1-ubyte`), Buffer.concat([header(0x801, 1), Buffer.of(3)]));
      const { train, test } = await set.load({ path: folder });
      for (const part of [train, test])
        expect(part).toMatchObject({ shape: [28, 28, 1], count: 1, labels: Uint8Array.of(3), classes: set.classes });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
