import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { assertPath, FlowError, openRegularFile, unreadable } from '@impflow/core';
import type { Images } from '../images/images.ts';
import { isCifarName, readCifar } from './cifar.ts';
import { readIdx } from './idx.ts';
import { isImageName, readImageFolder } from './image-folder.ts';
import type { ImageReadOptions } from './image-options.ts';

/**
 * Reads the images at a path. The path is an IDX file (MNIST and data sets in its format, plain or gzip), a `.bin` file
 * of CIFAR's binary version, a folder of such files, or a folder of PNG and JPEG files. If a folder of PNG and JPEG
 * files has subfolders, the subfolders are classes.
 *
 * @remarks All images are read into memory, with one byte per gray level or color value.
 * @throws `input` for a file or folder of any other kind; the errors of {@link readIdx}, {@link readCifar} and
 * {@link readImageFolder}.
 */
export const readImages = async (path: string, options: ImageReadOptions = {}): Promise<Images> => {
  assertPath(AT, path);
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(AT, path, error, EXPECTED);
  });
  if (found.isDirectory()) return readFolder(path, options);
  if (extname(path).toLowerCase() === '.bin') return readCifar(path, options);
  const start = await firstBytes(path);
  if (isImageName(path))
    throw refuse(`One image instead of a set: ${path}`, EXPECTED, `a ${extname(path)} file`, 'Name its folder.');
  if (start.startsWith('000008') || start.startsWith('1f8b')) return readIdx(path, options);
  throw refuse(
    `Unknown kind of images ${path}`,
    EXPECTED,
    start === '' ? '0 bytes' : `a file that begins with ${start}`,
    'Unpack archives; convert other kinds.',
  );
};

const AT = 'vision/readImages';
const EXPECTED = 'an IDX file, a .bin file of CIFAR, or a folder of PNG or JPEG files';

const readFolder = async (path: string, options: ImageReadOptions): Promise<Images> => {
  const names = (
    await readdir(path).catch((error: unknown) => {
      throw unreadable(AT, path, error, EXPECTED);
    })
  ).toSorted();
  if (names.some(isCifarName)) return readCifar(path, options);
  const arrays = names.filter((name) => /images[-.]idx3-ubyte(\.gz)?$/.test(name));
  if (arrays.length > 0)
    throw refuse(
      `Files of MNIST's kind in the folder ${path}`,
      'one of them',
      'the folder',
      `Name ${arrays.map((name) => join(path, name)).join(' or ')}.`,
    );
  return readImageFolder(path, options);
};

/** Returns the first four bytes of a file in hexadecimal digits. */
const firstBytes = async (path: string): Promise<string> => {
  const file = await openRegularFile(AT, path, EXPECTED);
  try {
    return (await file.read(0, 4)).toString('hex');
  } finally {
    await file.close();
  }
};

const refuse = (what: string, expected: string, got: string, hint: string): FlowError =>
  new FlowError('input', AT, what, { expected, got, hint });
