import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FlowError, fileBytes, unreadable, assertPath } from '@impflow/core';
import type { Images } from '../images/images.ts';
import { limited, type ImageReadOptions } from './image-options.ts';

/**
 * Reads images `[count, 32, 32, 3]` of the binary version of CIFAR-10 or CIFAR-100, from one file, several files, or a
 * folder. From a folder, the training files are read, or the test file if there are no training files. Labels of
 * CIFAR-100 are the fine labels. The class names are read from the file `batches.meta.txt` or `fine_label_names.txt` in
 * the same folder, if it exists. With a `limit`, only the first images are read.
 *
 * @remarks The files store each image as three planes, one per color. In the result, the color is the last axis.
 * @throws `input` for a file whose size is not a whole number of records, for labels out of range, and for a mix of
 * files of CIFAR-10 and CIFAR-100.
 * @see Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009, and the notes on the binary version.
 */
export const readCifar = async (paths: string | readonly string[], options: ImageReadOptions = {}): Promise<Images> => {
  const files = typeof paths === 'string' ? await cifarFiles(paths) : paths;
  if (files.length === 0)
    throw new FlowError('input', AT, 'No files of CIFAR', { expected: 'at least one path', got: 'none' });
  const wanted = limited(AT, options, Infinity);
  const parts: Records[] = [];
  for (let count = 0, i = 0; i < files.length && count < wanted; i++) {
    parts.push(await recordsOf(files[i]!));
    count += parts.at(-1)!.count;
    if (parts[i]!.kind !== parts[0]!.kind)
      throw refuse(
        files[i]!,
        'A different data set',
        `${parts[0]!.kind.name}, as in ${files[0]}`,
        parts[i]!.kind.name,
        'Read one set at a time.',
      );
  }
  const kind = parts[0]!.kind;
  const count = Math.min(
    wanted,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const { bytes, count: records } of parts) {
    for (let record = 0; record < records && image < count; record++, image++) {
      const start = record * (kind.labels + PIXELS) + kind.labels;
      labels[image] = bytes[start - 1]!;
      for (let at = 0, to = image * PIXELS; at < PLANE; at++, to += 3) {
        pixels[to] = bytes[start + at]!;
        pixels[to + 1] = bytes[start + PLANE + at]!;
        pixels[to + 2] = bytes[start + 2 * PLANE + at]!;
      }
    }
  }
  const classes = await classNames(join(dirname(files[0]!), kind.meta), kind);
  return {
    shape: [32, 32, 3],
    count,
    pixels,
    labels,
    ...(classes === undefined ? {} : { classes }),
    source: typeof paths === 'string' ? paths : paths.join(', '),
  };
};

/** Returns whether a file has the name of a file in the published binary version of CIFAR. */
export const isCifarName = (name: string): boolean => TRAINING.test(name) || TESTING.test(name);

const AT = 'vision/readCifar';
const PLANE = 32 * 32;
const PIXELS = 3 * PLANE;
const TRAINING = /^(data_batch_\d+|train)\.bin$/;
const TESTING = /^(test_batch|test)\.bin$/;

interface Kind {
  readonly name: string;
  readonly labels: number;
  readonly limits: readonly number[];
  readonly meta: string;
}

// The last label byte of a record is used as the label, because a record of CIFAR-100 contains the coarse class before
// the fine class.
const KINDS: readonly Kind[] = [
  { name: 'CIFAR-10', labels: 1, limits: [10], meta: 'batches.meta.txt' },
  { name: 'CIFAR-100', labels: 2, limits: [20, 100], meta: 'fine_label_names.txt' },
];

interface Records {
  readonly kind: Kind;
  readonly count: number;
  readonly bytes: Buffer;
}

const cifarFiles = async (path: string): Promise<readonly string[]> => {
  assertPath(AT, path);
  const names = await stat(path).then(
    (found) => (found.isDirectory() ? readdir(path) : undefined),
    (error: unknown) => {
      throw unreadable(AT, path, error, 'a file or a folder');
    },
  );
  if (names === undefined) return [path];
  const [training, testing] = [TRAINING, TESTING].map((pattern) =>
    names.filter((name) => pattern.test(name)).toSorted(),
  );
  const chosen = training!.length > 0 ? training! : testing!;
  if (chosen.length === 0)
    throw refuse(
      path,
      'No files of CIFAR',
      'data_batch_1.bin and so on, train.bin, or test_batch.bin',
      'none of them',
      'Unpack the binary version there.',
    );
  return chosen.map((name) => join(path, name));
};

/**
 * Reads the records of a file. The size of the file determines whether its records are records of CIFAR-10 or
 * CIFAR-100. The labels are checked. A size that fits both data sets counts as CIFAR-10. The smallest size that fits
 * both data sets is the size of 3,073 records of CIFAR-100. No published file has a size that fits both data sets.
 */
const recordsOf = async (path: string): Promise<Records> => {
  const bytes = await fileBytes(AT, path);
  const fitting = KINDS.filter(({ labels }) => bytes.length > 0 && bytes.length % (labels + PIXELS) === 0);
  if (fitting.length === 0) {
    const sizes = KINDS.map(({ name, labels }) => `${labels + PIXELS} bytes (${name})`).join(' or of ');
    throw refuse(
      path,
      'No whole records of CIFAR',
      `a multiple of ${sizes}`,
      String(bytes.length),
      'Copy or unpack the file again; expected is the binary version.',
    );
  }
  const kind = fitting[0]!;
  const count = bytes.length / (kind.labels + PIXELS);
  for (let record = 0; record < count; record++) {
    kind.limits.forEach((limit, i) => {
      const label = bytes[record * (kind.labels + PIXELS) + i]!;
      if (label >= limit)
        throw refuse(
          path,
          `A wrong label at image ${record + 1}`,
          `below ${limit}, as in ${kind.name}`,
          String(label),
          'Copy or unpack the file again; expected is the binary version.',
        );
    });
  }
  return { kind, count, bytes };
};

const classNames = async (path: string, { name, limits }: Kind): Promise<readonly string[] | undefined> => {
  if (!existsSync(path)) return undefined;
  const names = (await fileBytes(AT, path))
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length !== limits.at(-1))
    throw refuse(
      path,
      'A wrong number of class names',
      `${limits.at(-1)}, as ${name} has`,
      String(names.length),
      'Copy or unpack the file again.',
    );
  return names;
};

const refuse = (path: string, what: string, expected: string, got: string, hint: string): FlowError =>
  new FlowError('input', AT, `${what} in ${path}`, { expected, got, hint });
