import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import {
  readableExtensions,
  toys,
  type DataSet,
  type Decimal,
  type Offsets,
  type Resolutions,
  type Separator,
} from '@impflow/tables';
import { frameDatasets } from './bundled-frames.ts';
import { imageDatasets } from './bundled-images.ts';
import { realDatasets } from './bundled-tables.ts';
import type { RecordOptions } from './record-options.ts';

/** How a text file is read. Each default is inferred from the text. */
export interface ReadingOptions {
  readonly header?: 'yes' | 'no';
  readonly separator?: Separator;
  readonly decimal?: Decimal;
}

/** The given options without the undefined ones. */
export const readingOf = ({ header, separator, decimal }: ReadingOptions): ReadingOptions => ({
  ...(header === undefined ? {} : { header }),
  ...(separator === undefined ? {} : { separator }),
  ...(decimal === undefined ? {} : { decimal }),
});

/** Source of the data of a run: enough to find the same data again. */
export interface DataSource extends ReadingOptions {
  /** Name of a toy or of a bundled data set, or a path. */
  readonly data: string;
  /** Columns to use. Default: all. */
  readonly columns?: readonly string[];
  /** What the columns are. Default: numbers, if all cells are. */
  readonly records?: RecordOptions;
  /** The data set itself, if a plugin provides it. */
  readonly set?: DataSet;
  /** File of validation rows. Default: a random part of the data. */
  readonly validation?: string;
  /** File of test rows. Default: a random part of the data. */
  readonly test?: string;
  /** Noise widths of columns whose values repeat, as the run stores them. Default: found in the training rows. */
  readonly dequantised?: Resolutions;
  /** Offsets of columns whose digits float32 would lose, as the run stores them. Default: found in the data. */
  readonly offsets?: Offsets;
  /** Whether repeated rows are dropped before the split, as the run stores it. Default: found in the data. */
  readonly distinct?: boolean;
}

/** Fields of a source that are not in the stored `data` of a run. */
export type UnstoredField = 'set' | 'dequantised' | 'offsets' | 'distinct';

/** Content of a source: rows, or images. */
export type SourceKind = 'table' | 'images';

/** A bundled data set of rows by its name; undefined for another name, such as that of a toy. */
export const bundledRows = (name: string): DataSet | undefined =>
  Object.hasOwn(realDatasets, name)
    ? realDatasets[name as keyof typeof realDatasets]
    : Object.hasOwn(frameDatasets, name)
      ? frameDatasets[name as keyof typeof frameDatasets]
      : undefined;

/** Names of all bundled data. */
export const dataNames = (): readonly string[] => [
  ...Object.keys(toys),
  ...Object.keys(realDatasets),
  ...Object.keys(frameDatasets),
  ...Object.keys(imageDatasets),
];

/** Whether `data` is a path and not a bundled name. */
export const isPath = (data: string): boolean =>
  !dataNames().includes(data) && (extname(data) !== '' || /[/\\]/.test(data) || existsSync(data));

/**
 * The kind of a source, by its name or by the file at its path. Folders, pictures and the files of MNIST and CIFAR are
 * images.
 */
export const sourceKind = async (data: string): Promise<SourceKind> => {
  if (Object.hasOwn(imageDatasets, data)) return 'images';
  if (!isPath(data)) return 'table';
  const extension = extname(data).toLowerCase();
  if (readableExtensions.includes(extension)) return 'table';
  if (IMAGES.includes(extension) || /idx\d-ubyte$/.test(basename(data))) return 'images';
  const found = await stat(data).catch(() => undefined);
  // A missing path gets the error of the reader for its kind: without an extension, that is the reader of images.
  if (found === undefined) return extension === '' ? 'images' : 'table';
  return found.isDirectory() || (await beginsLikeIdx(data)) ? 'images' : 'table';
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
