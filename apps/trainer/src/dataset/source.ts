import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { openRegularFile } from '@impflow/core';
import { isAddress } from '@impflow/jobs';
import { extensionOf, readableExtensions, toys, type DataSet, type Decimal, type Separator } from '@impflow/tables';
import { imageDatasets } from '@impflow/vision';
import { realDatasets } from './bundled-tables.ts';

/** Options for reading a text file. Default of each option: inferred from the text. */
export interface ReadingOptions {
  readonly header?: 'yes' | 'no';
  readonly separator?: Separator;
  readonly decimal?: Decimal;
}

/** Kind of data: a table of rows, or images. */
type SourceKind = 'table' | 'images';

/** Returns the bundled data set of rows with this name; undefined for another name, such as the name of a toy. */
export const bundledRows = (name: string): DataSet | undefined =>
  Object.hasOwn(realDatasets, name) ? realDatasets[name as keyof typeof realDatasets] : undefined;

/** Names of all bundled data. */
export const dataNames = (): readonly string[] => [
  ...Object.keys(toys),
  ...Object.keys(realDatasets),
  ...Object.keys(imageDatasets),
];

/** Whether `data` is a path. Otherwise `data` is a name, such as the name of bundled data. */
export const isPath = (data: string): boolean =>
  !dataNames().includes(data) && (extname(data) !== '' || /[/\\]/.test(data) || existsSync(data));

/**
 * Returns whether data are a table or images. The kind depends on the name of bundled data, or on the file at the path.
 * Folders, pictures and the files of MNIST and CIFAR are images. Data at an http or https address are a table.
 */
export const sourceKind = async (data: string): Promise<SourceKind> => {
  if (Object.hasOwn(imageDatasets, data)) return 'images';
  if (!isPath(data) || isAddress(data)) return 'table';
  const extension = extensionOf(data);
  if (readableExtensions.includes(extension)) return 'table';
  if (IMAGES.includes(extname(data).toLowerCase()) || /idx\d-ubyte$/.test(basename(data))) return 'images';
  const found = await stat(data).catch(() => undefined);
  // If nothing exists at the path, the program that reads the data later throws the error. A missing path without an
  // extension counts as images.
  if (found === undefined) return extension === '' ? 'images' : 'table';
  return found.isDirectory() || (await beginsLikeIdx(data)) ? 'images' : 'table';
};

const IMAGES = ['.png', '.jpg', '.jpeg', '.bin', '.gz'];

const beginsLikeIdx = async (path: string): Promise<boolean> => {
  const file = await openRegularFile('cli', path).catch(() => undefined);
  try {
    return (await file?.read(0, 3))?.toString('hex') === '000008';
  } finally {
    await file?.close();
  }
};
