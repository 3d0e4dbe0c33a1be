import { createHash } from 'node:crypto';
import { basename, extname, resolve } from 'node:path';
import { FlowError, unknownName, type Key } from '@impflow/core';
import { splitRows } from '@impflow/tables';
import { dataKey } from '@impflow/training';
import { pickImages, readImages, type Images } from '@impflow/vision';
import { imageDatasets, type ImageSplit } from './bundled-images.ts';
import { dataNames, isPath, type DataSource } from './source.ts';

/** Images held out for validation: a tenth, at most 500. Each validation evaluates all of them. */
const VALIDATION = { share: 0.1, most: 500 } as const;
const TEST_SHARE = 0.1;
const FEWEST = 10;

/** Images of a run, split into parts. */
export interface ImageData {
  readonly kind: 'images';
  readonly name: string;
  readonly source: string;
  /** SHA-256 of sizes, pixels and labels. */
  readonly hash: string;
  readonly shape: Images['shape'];
  readonly train: Images;
  readonly validation: Images;
  readonly test: Images;
}

/**
 * The parts of a bundled set, or all images at a path.
 *
 * @throws `registry` for an unknown name; errors of the readers.
 */
export const loadImages = async (data: string): Promise<ImageSplit | { readonly all: Images }> => {
  if (isPath(data)) return { all: await readImages(data) };
  if (!Object.hasOwn(imageDatasets, data)) throw unknownName('cli', 'data set', data, dataNames());
  return imageDatasets[data as keyof typeof imageDatasets].load();
};

/** Images to judge a model on: the test part of a bundled set, or all images at a path. */
export const evaluationImages = async (data: string): Promise<Images> => {
  const loaded = await loadImages(data);
  return 'all' in loaded ? loaded.all : loaded.test;
};

/**
 * The images of a run. The same source and key give the same split. Bundled sets keep their own test part.
 *
 * @throws `option` for `columns`; `input` for fewer than ten images; errors of {@link loadImages}.
 */
export const loadImageData = async ({ data, columns }: DataSource, key: Key): Promise<ImageData> => {
  if (columns !== undefined)
    throw new FlowError('option', 'cli', `The images ${data} have no columns to choose`, {
      hint: 'Leave --columns out.',
    });
  const loaded = await loadImages(data);
  const parts = 'all' in loaded ? [loaded.all] : [loaded.train, loaded.test];
  const { shape, count, source } = parts[0]!;
  if (count < FEWEST)
    throw new FlowError('input', 'cli', `Too few images in ${source}`, {
      expected: `at least ${FEWEST}`,
      got: String(count),
      hint: 'Bring more images.',
    });
  const validation = Math.min(VALIDATION.most, Math.max(1, Math.round(VALIDATION.share * count)));
  const split = splitRows(count, {
    key: dataKey(key, 'split'),
    fractions: { validation: validation / count, test: 'all' in loaded ? TEST_SHARE : 0 },
  });
  const pick = (indices: Uint32Array): Images => pickImages(parts[0]!, indices);
  return {
    kind: 'images',
    name: nameOf(data),
    source,
    shape,
    hash: imagesHash(parts),
    train: pick(split.train),
    validation: pick(split.validation),
    test: 'all' in loaded ? pick(split.test) : loaded.test,
  };
};

/** Name of a bundled set, or of a file or folder without extensions of image files. */
const nameOf = (data: string): string => {
  if (!isPath(data)) return data;
  const name = basename(resolve(data))
    .replace(/\.gz$/i, '')
    .replace(/[-.]?images[-.]idx3-ubyte$/, '');
  return name.slice(0, name.length - extname(name).length) || 'images';
};

/** SHA-256 of sizes, pixels and labels. */
export const imagesHash = (parts: readonly Images[]): string => {
  const hash = createHash('sha256');
  for (const { shape, pixels, labels } of parts) {
    hash.update(shape.join()).update(pixels);
    if (labels !== undefined) hash.update(labels);
  }
  return hash.digest('hex');
};
