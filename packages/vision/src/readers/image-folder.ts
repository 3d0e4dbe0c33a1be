import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FlowError, fileBytes, unreadable, assertPath } from '@impflow/core';
import { pixelsOf, type Images } from '../images/images.ts';
import { limited, type ImageReadOptions } from './image-options.ts';
import { decodeJpeg } from './jpeg.ts';
import type { Picture } from './picture.ts';
import { decodePng } from './png.ts';

/**
 * Reads the PNG and JPEG files of a folder. If the folder contains no PNG or JPEG files, the files of its subfolders
 * are read. The names of the subfolders are then the classes. Images are ordered by folder and file name, and files of
 * other kinds are ignored. Gray images have 1 channel and color images have 3. If a set contains gray and color images,
 * gray images are converted to color. Transparent parts are drawn over black. Samples of 16 bits are scaled to 8 bits.
 * With a `limit`, only the first files are read. If there are classes, files are chosen from each class in turn until
 * the limit is reached.
 *
 * @remarks The files are decoded one after the other. At the end, all images are in memory twice for a short time.
 * @throws `input` for a folder without images, a broken file, or images of different sizes.
 */
export const readImageFolder = async (path: string, options: ImageReadOptions = {}): Promise<Images> => {
  const { files, classes } = await listed(path);
  const chosen = inTurn(files, limited(AT, options, files.length));
  const pictures: Picture[] = [];
  for (const { file } of chosen) {
    const picture = await pictureOf(file);
    const { height, width } = pictures[0] ?? picture;
    if (picture.height !== height || picture.width !== width) {
      throw refuse(
        `An image of another size: ${file}`,
        `${height} x ${width} pixels (height x width), as in ${chosen[0]!.file}`,
        `${picture.height} x ${picture.width}`,
        'Scale all images to one size.',
      );
    }
    pictures.push(picture);
  }
  const { height, width } = pictures[0]!;
  const channels = Math.max(...new Set(pictures.map((picture) => picture.channels)));
  const shape = [height, width, channels] as const;
  const pixels = new Uint8Array(pictures.length * pixelsOf({ shape }));
  for (const [i, picture] of pictures.entries())
    pixels.set(picture.channels === channels ? picture.pixels : colored(picture), i * pixelsOf({ shape }));
  return {
    shape,
    count: pictures.length,
    pixels,
    ...(classes === undefined ? {} : { labels: Uint8Array.from(chosen, ({ label }) => label), classes }),
    source: path,
  };
};

/** Returns whether {@link readImageFolder} reads a file with the given name. */
export const isImageName = (name: string): boolean =>
  !name.startsWith('.') && ['.png', '.jpg', '.jpeg'].includes(extname(name).toLowerCase());

const AT = 'vision/readImageFolder';
const MAX_CLASSES = 256;

interface Entry {
  readonly file: string;
  readonly label: number;
}

const listed = async (
  path: string,
): Promise<{ readonly files: readonly Entry[]; readonly classes?: readonly string[] }> => {
  const inside = await contents(path);
  if (inside.images.length > 0) return { files: inside.images.map((name) => ({ file: join(path, name), label: 0 })) };
  if (inside.folders.length === 0)
    throw refuse(
      `No images in ${path}`,
      'PNG or JPEG files, or a folder of them for each class',
      'neither',
      'Name a folder of images.',
    );
  if (inside.folders.length > MAX_CLASSES)
    throw refuse(
      `Too many classes in ${path}`,
      `at most ${MAX_CLASSES} folders`,
      String(inside.folders.length),
      'Choose some of them.',
    );
  const files: Entry[] = [];
  for (const [label, name] of inside.folders.entries()) {
    const { images } = await contents(join(path, name));
    if (images.length === 0)
      throw refuse(
        `No images in ${join(path, name)}`,
        'PNG or JPEG files of this class',
        'none',
        'Name the folder whose folders are the classes.',
      );
    files.push(...images.map((image) => ({ file: join(path, name, image), label })));
  }
  return { files, classes: inside.folders };
};

const contents = async (
  path: string,
): Promise<{ readonly images: readonly string[]; readonly folders: readonly string[] }> => {
  assertPath(AT, path);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(AT, path, error, 'a folder of images');
  });
  return {
    images: entries
      .filter((entry) => !entry.isDirectory() && isImageName(entry.name))
      .map(({ name }) => name)
      .toSorted(),
    folders: entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .toSorted(),
  };
};

/**
 * Chooses `count` entries: the first remaining entry of each class, in turn. Returns the chosen entries in the order of
 * the list.
 */
const inTurn = (entries: readonly Entry[], count: number): readonly Entry[] => {
  const seen = new Map<number, number>();
  const ranked = entries.map((entry, at) => {
    const rank = seen.get(entry.label) ?? 0;
    seen.set(entry.label, rank + 1);
    return { entry, at, rank };
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, count)
    .toSorted((a, b) => a.at - b.at)
    .map(({ entry }) => entry);
};

/**
 * Decodes an image file. Whether the file is read as PNG or JPEG depends only on its content. The file name is ignored.
 */
const pictureOf = async (file: string): Promise<Picture> => {
  const bytes = await fileBytes(AT, file);
  const decoder =
    bytes.toString('latin1', 1, 4) === 'PNG'
      ? decodePng
      : bytes[0] === 0xff && bytes[1] === 0xd8
        ? decodeJpeg
        : undefined;
  if (decoder === undefined)
    throw refuse(
      `Neither PNG nor JPEG in ${file}`,
      'one of them',
      bytes.length === 0 ? '0 bytes' : 'other data',
      'Convert or remove the file.',
    );
  try {
    return decoder(bytes);
  } catch (cause) {
    throw refuse(
      `A broken image ${file}`,
      'a whole PNG or JPEG file',
      `"${(cause as Error).message}" from its decoder`,
      'Save it again, or remove it.',
      cause,
    );
  }
};

const colored = ({ pixels }: Picture): Uint8Array =>
  Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)]!);

const refuse = (what: string, expected: string, got: string, hint: string, cause?: unknown): FlowError =>
  new FlowError('input', AT, what, { expected, got, hint, cause });
