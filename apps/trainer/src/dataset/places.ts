import { basename, extname, resolve } from 'node:path';
import { isAddress } from '@impflow/jobs';
import type { DataPlace } from 'impflow/run';
import { isPath } from './source.ts';

/** Returns the locations of the data that the options name: absolute paths, addresses, or names of bundled data. */
export const placesOf = (given: Readonly<Partial<Record<keyof DataPlace, string | undefined>>>): Partial<DataPlace> =>
  Object.fromEntries(
    (['data', 'validation', 'test'] as const).flatMap((name) => {
      const data = given[name];
      return data === undefined ? [] : [[name, isPath(data) && !isAddress(data) ? resolve(data) : data]];
    }),
  );

/**
 * Returns the name of the data. For a file, the name is the file name without its extensions. If `--out` is not given,
 * the name of the run folder contains this name.
 */
export const nameOf = (data: string): string => {
  if (!isPath(data)) return data;
  const name = basename(data)
    .replace(/\.gz$/i, '')
    .replace(/[-.]?images[-.]idx3-ubyte$/, '');
  return name.slice(0, name.length - extname(name).length) || 'images';
};
