import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { readableExtensions, toys, type DataSet, type Decimal, type Offsets, type Resolutions, type Separator } from '@impflow/data';
import { imageDatasets } from './images.ts';
import { realDatasets } from './real.ts';

/** How a text of numbers is read; what is left out is taken from the text. */
export interface ReadingOptions {
  readonly header?: 'yes' | 'no';
  readonly separator?: Separator;
  readonly decimal?: Decimal;
}

/** Those of these options that are given. */
export const readingOf = ({ header, separator, decimal }: ReadingOptions): ReadingOptions => ({
  ...(header === undefined ? {} : { header }), ...(separator === undefined ? {} : { separator }), ...(decimal === undefined ? {} : { decimal }),
});

/** Where the data of a run come from: all that is needed to find the same again. */
export interface DataSource extends ReadingOptions {
  /** A toy, a bundled data set, or a path. */
  readonly data: string;
  readonly columns?: readonly string[];
  /** The data set of that name, where a plugin brings it. */
  readonly set?: DataSet;
  /** Files of rows to validate on and to test on, in place of random parts of the data. */
  readonly validation?: string;
  readonly test?: string;
  /** The noise of columns whose values repeat, as a run remembers it; found in the training rows where it is left out. */
  readonly dequantised?: Resolutions;
  /** Offsets of columns whose digits float32 would lose, as a run stores them. Default: found in the data. */
  readonly offsets?: Offsets;
  /** Whether the split is by distinct rows, as a run remembers it; found in the data where it is left out. */
  readonly distinct?: boolean;
}

/** What a run remembers of its data beside its source. */
export type Remembered = 'set' | 'dequantised' | 'offsets' | 'distinct';

/** What a source holds. */
export type SourceKind = 'table' | 'images';

/** Names of all bundled data. */
export const dataNames = (): readonly string[] => [...Object.keys(toys), ...Object.keys(realDatasets), ...Object.keys(imageDatasets)];

/** Whether `data` means a file rather than a bundled name. */
export const isPath = (data: string): boolean => !dataNames().includes(data) && (extname(data) !== '' || /[/\\]/.test(data) || existsSync(data));

/** Whether a source holds rows of numbers or images, by its name or by a look at the path: folders, pictures, and the files that MNIST and CIFAR come in are images. */
export const sourceKind = async (data: string): Promise<SourceKind> => {
  if (Object.hasOwn(imageDatasets, data)) return 'images';
  if (!isPath(data)) return 'table';
  const extension = extname(data).toLowerCase();
  if (readableExtensions.includes(extension)) return 'table';
  if (IMAGES.includes(extension) || /idx\d-ubyte$/.test(basename(data))) return 'images';
  const found = await stat(data).catch(() => undefined);
  // What is not there is missed by the reader that has no extension to complain of.
  if (found === undefined) return extension === '' ? 'images' : 'table';
  return found.isDirectory() || await beginsLikeIdx(data) ? 'images' : 'table';
};

const IMAGES = ['.png', '.jpg', '.jpeg', '.bin', '.gz'];

const beginsLikeIdx = async (path: string): Promise<boolean> => {
  const file = await open(path).catch(() => undefined);
  try {
    const start = await file?.read(Buffer.alloc(3), 0, 3, 0);
    return start?.buffer.toString('hex', 0, start.bytesRead) === '000008';
  } finally {
    await file?.close();
  }
};
