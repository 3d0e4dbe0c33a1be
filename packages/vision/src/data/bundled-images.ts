import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import { pickImages, type Images } from '../images/images.ts';
import { readIdx } from '../readers/idx.ts';

/** A bundled set of images with a fixed split into training and test images. */
export interface ImageDataset {
  /** Content and number of the images, and how they are split. */
  readonly description: string;
  /** Authors, title and package of the data set. */
  readonly source: string;
  /** License of the images. */
  readonly license: string;
  /** Shape of an image: `[height, width, channels]`. */
  readonly shape: Images['shape'];
  /** Name of each class, in the order of the labels from 0. */
  readonly classes: readonly string[];
  /**
   * Reads the images.
   *
   * @throws `input` if a file is missing or cannot be read.
   */
  load(options?: ImageLoadOptions): Promise<ImageSplit>;
}

/** Options of {@link ImageDataset.load}. */
export interface ImageLoadOptions {
  /**
   * Folder with the files of Fashion-MNIST, which no npm package contains. Default: the folder of the Debian package.
   */
  readonly path?: string;
}

/** The training and test images of a bundled set. */
export interface ImageSplit {
  /** Training images. */
  readonly train: Images;
  /** Test images. */
  readonly test: Images;
}

const AT = 'vision/imageDatasets';
const DIGIT_CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const SHAPE = [28, 28, 1] as const;
const PIXELS = 28 * 28;
/**
 * Number of test images of each digit. The last images in the list are the test images. Consecutive images in the list
 * may come from one writer, so a random split could put images of one writer into both sets.
 */
const TEST_DIGITS = 100;

const loadDigits = async (): Promise<ImageSplit> => {
  const kinds = await Promise.all(DIGIT_CLASSES.map(digitsOf));
  const pixels = new Uint8Array(kinds.reduce((sum, bytes) => sum + bytes.length, 0));
  const labels = new Uint8Array(pixels.length / PIXELS);
  const parts = { train: [] as Place[], test: [] as Place[] };
  for (let label = 0, first = 0; label < kinds.length; label++) {
    const count = kinds[label]!.length / PIXELS;
    pixels.set(kinds[label]!, first * PIXELS);
    labels.fill(label, first, first + count);
    for (let i = 0; i < count; i++)
      (i < count - TEST_DIGITS ? parts.train : parts.test).push({ rank: i % (count - TEST_DIGITS), index: first + i });
    first += count;
  }
  const all: Images = {
    shape: SHAPE,
    count: labels.length,
    pixels,
    labels,
    classes: DIGIT_CLASSES,
    source: 'mnist/src/digits (MNIST)',
  };
  // The images are ordered so that the digits alternate. So the first training images, and the first test images,
  // contain all classes.
  const part = (places: readonly Place[]): Images =>
    pickImages(
      all,
      Uint32Array.from(
        places.toSorted((a, b) => a.rank - b.rank || a.index - b.index),
        ({ index }) => index,
      ),
    );
  return { train: part(parts.train), test: part(parts.test) };
};

interface Place {
  readonly rank: number;
  readonly index: number;
}

/**
 * Returns the pixels of all images of one digit. The package `mnist` stores each byte divided by 255 and rounded to
 * three decimals, from which the byte can be restored.
 */
const digitsOf = async (digit: string): Promise<Uint8Array> => {
  try {
    const text = await readFile(createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`), 'utf8');
    const { data } = JSON.parse(text) as { readonly data: readonly number[] };
    const bytes = new Uint8Array(data.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(255 * data[i]!);
    return bytes;
  } catch (cause) {
    throw new FlowError('input', AT, `Cannot read the digits ${digit} of the package mnist`, {
      hint: 'Install the package: npm install mnist. In a clone of ImpFlow: npm run setup.',
      cause,
    });
  }
};

/** Folder with the files of the Debian package. */
const FASHION_FOLDER = '/usr/share/datasets/fashion-mnist';
const FASHION_CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

const loadFashion = async ({ path = FASHION_FOLDER }: ImageLoadOptions = {}): Promise<ImageSplit> => {
  const part = async (name: string): Promise<Images> => {
    const packed = join(path, `${name}-images-idx3-ubyte.gz`);
    const file = [packed, packed.slice(0, -'.gz'.length)].find((candidate) => existsSync(candidate));
    if (file === undefined) {
      throw new FlowError('input', AT, `No Fashion-MNIST in ${path}`, {
        expected: packed,
        got: 'no such file',
        hint: 'Run apt-get install dataset-fashion-mnist, or give the path of a folder with the four files of Fashion-MNIST.',
      });
    }
    const images = await readIdx(file);
    if (images.labels === undefined)
      throw new FlowError('input', AT, `No labels beside ${file}`, {
        expected: `${name}-labels-idx1-ubyte`,
        got: 'no such file',
        hint: 'Put all four files into the folder.',
      });
    return { ...images, classes: FASHION_CLASSES };
  };
  return { train: await part('train'), test: await part('t10k') };
};

/** The bundled sets of images, by name. Reading a set takes one or two seconds and needs no network. */
export const imageDatasets: Readonly<Record<'digits' | 'fashion-mnist', ImageDataset>> = Object.freeze({
  digits: Object.freeze<ImageDataset>({
    description:
      'Handwritten digits, 28 x 28 gray levels: the 10,000 images of MNIST in the package mnist. 9,000 are training images and 1,000 are test images, 100 of each digit.',
    source: 'LeCun, Cortes and Burges, MNIST, by the package mnist 1.1.0',
    license: 'MIT for the package; it does not name a license of the database',
    shape: SHAPE,
    classes: DIGIT_CLASSES,
    load: loadDigits,
  }),
  'fashion-mnist': Object.freeze<ImageDataset>({
    description:
      'Articles of clothing of ten kinds, 28 x 28 gray levels: 60,000 training images and 10,000 test images, as published.',
    source: 'Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv:1708.07747, by the Debian package dataset-fashion-mnist',
    license: 'MIT',
    shape: SHAPE,
    classes: FASHION_CLASSES,
    load: loadFashion,
  }),
});
