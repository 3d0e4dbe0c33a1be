import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FlowError, fileBytes } from '@impflow/core';
import type { Images } from '../images/images.ts';
import { limited, type ImageReadOptions } from './image-options.ts';

/**
 * Reads gray images `[count, height, width, 1]` from an IDX file of bytes, plain or gzip. MNIST and similar data sets
 * have the IDX format. Labels are read from the file in the same folder whose name contains `labels-idx1` instead of
 * `images-idx3`, if this file exists. With a `limit`, only the first images are read.
 *
 * @throws `input` if the file is not one complete array of images, or if the numbers of labels and images differ.
 * @see LeCun, Cortes, Burges, The MNIST database of handwritten digits, file formats.
 */
export const readIdx = async (path: string, options: ImageReadOptions = {}): Promise<Images> => {
  const {
    sizes: [stored = 0, height = 0, width = 0],
    data,
  } = await idxArray(path, 3);
  if (data.length === 0)
    throw refuse(path, 'No images', 'at least 1 pixel', `[${stored}, ${height}, ${width}]`, 'Check the export.');
  const count = limited(AT, options, stored);
  const images: Images = {
    shape: [height, width, 1],
    count,
    pixels: Uint8Array.from(data.subarray(0, count * height * width)),
    source: path,
  };
  const beside = labelPaths(path).find((candidate) => existsSync(candidate));
  if (beside === undefined) return images;
  const labels = (await idxArray(beside, 1)).data;
  if (labels.length !== stored)
    throw refuse(
      beside,
      'A wrong number of labels',
      `${stored}, one for each image`,
      String(labels.length),
      'Give the labels of these images.',
    );
  return { ...images, labels: Uint8Array.from(labels.subarray(0, count)) };
};

const AT = 'vision/readIdx';

/**
 * Returns the paths at which the labels of an image file may be stored. The path with the ending of the image file
 * comes first.
 */
const labelPaths = (path: string): readonly string[] => {
  const parts = /^(.*)images([-.])idx3-ubyte(\.gz)?$/.exec(basename(path));
  if (parts === null) return [];
  const [, before, mark, packed = ''] = parts;
  return [packed, packed === '' ? '.gz' : ''].map((end) =>
    join(dirname(path), `${before}labels${mark}idx1-ubyte${end}`),
  );
};

/** Reads the sizes and bytes of an array of unsigned bytes with `rank` dimensions. */
const idxArray = async (
  path: string,
  rank: number,
): Promise<{ readonly sizes: readonly number[]; readonly data: Uint8Array }> => {
  const bytes = await fileBytes(AT, path);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(path, bytes, rank) : arrayOf(path, bytes, rank);
};

const arrayOf = (
  path: string,
  bytes: Buffer,
  rank: number,
): { readonly sizes: readonly number[]; readonly data: Uint8Array } => {
  const { sizes, start, end } = headerOf(path, bytes, rank);
  if (bytes.length < end) throw truncated(path, end, bytes.length);
  if (bytes.length > end)
    throw refuse(
      path,
      'Bytes beyond the array',
      `${end} bytes, as in its header`,
      String(bytes.length),
      'Copy or save the file again.',
    );
  return { sizes, data: bytes.subarray(start) };
};

/**
 * Reads the header of an IDX file. Returns the sizes of the array, and the byte positions at which the data begin and
 * end.
 */
const headerOf = (
  path: string,
  bytes: Buffer,
  rank: number,
): { readonly sizes: readonly number[]; readonly start: number; readonly end: number } => {
  const start = 4 + 4 * rank;
  const magic = bytes.toString('hex', 0, 4);
  // The first four bytes are two zeros, the type of the elements (08 for unsigned bytes), and the number of dimensions.
  if (magic !== `0000080${rank}`) {
    const hint =
      magic === '00000801'
        ? 'These are labels: name the file of the images.'
        : 'Name an IDX file of unsigned bytes, unpacked or gzip.';
    throw refuse(
      path,
      rank === 3 ? 'No IDX images' : 'No IDX labels',
      `a file that begins with 0000080${rank}`,
      magic === '' ? '0 bytes' : magic,
      hint,
    );
  }
  if (bytes.length < start) throw truncated(path, start, bytes.length);
  const sizes = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const end = start + sizes.reduce((product, size) => product * size, 1);
  return { sizes, start, end };
};

/** Largest unpacked array, in bytes. */
const MOST_BYTES = 2 ** 31;

/**
 * Unpacks a gzip file up to the end of the array and no further, because a small file can expand to any number of
 * zeros.
 */
const unpacked = async (
  path: string,
  bytes: Buffer,
  rank: number,
): Promise<{ readonly sizes: readonly number[]; readonly data: Uint8Array }> => {
  const parts: Buffer[] = [];
  let [length, most] = [0, Infinity];
  try {
    for await (const part of Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (most === Infinity && length >= 4 + 4 * rank) {
        const { sizes, end } = headerOf(path, Buffer.concat(parts), rank);
        if (end > MOST_BYTES)
          throw refuse(
            path,
            'Too large an array',
            `at most ${MOST_BYTES} bytes`,
            `${sizes.join(' x ')} bytes`,
            'Save it in parts.',
          );
        most = end;
      }
      if (length > most) break;
    }
  } catch (cause) {
    if (cause instanceof FlowError) throw cause;
    throw refuse(
      path,
      'A damaged gzip file',
      'a complete file',
      `${bytes.length} bytes: ${(cause as Error).message}`,
      'Copy or download the file again.',
      cause,
    );
  }
  return arrayOf(path, Buffer.concat(parts), rank);
};

const refuse = (path: string, what: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', AT, `${what} in ${path}`, { expected, got, hint, cause });

const truncated = (path: string, expected: number, got: number): FlowError =>
  refuse(path, 'A truncated array', `${expected} bytes, as in its header`, String(got), 'Copy or save the file again.');
