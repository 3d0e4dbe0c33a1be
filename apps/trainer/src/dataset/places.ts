import { basename, extname, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { isAddress } from '@impflow/jobs';
import type { DataPlace } from 'impflow/run';
import { isPath } from './source.ts';

/**
 * Returns the locations of the data that the options name: absolute paths, addresses, or names of bundled data.
 *
 * @throws `option` for an address with a password or a query, because a run stores the address.
 */
export const placesOf = (given: Readonly<Partial<Record<keyof DataPlace, string | undefined>>>): Partial<DataPlace> =>
  Object.fromEntries(
    (['data', 'validation', 'test'] as const).flatMap((name) => {
      const data = given[name];
      return data === undefined
        ? []
        : [[name, isAddress(data) ? publicAddress(name, data) : isPath(data) ? resolve(data) : data]];
    }),
  );

const addressOf = (data: string): URL | undefined =>
  isAddress(data) && URL.canParse(data) ? new URL(data) : undefined;

const publicAddress = (option: string, data: string): string => {
  const { username, password, search, origin, pathname } = addressOf(data) ?? {};
  if (!username && !password && !search) return data;
  throw new FlowError('option', 'cli', `The address of --${option} has a password or a query, and a run stores it`, {
    expected: 'an address without both',
    got: `${origin}${pathname} with more parts`,
    hint: 'Download the file, and give its path.',
  });
};

/**
 * Returns the name of the data. For a file, the name is the file name without its extensions. If `--out` is not given,
 * the name of the run folder contains this name.
 */
export const nameOf = (data: string): string => {
  if (!isPath(data)) return data;
  const name = basename(addressOf(data)?.pathname ?? data)
    .replace(/\.gz$/i, '')
    .replace(/[-.]?images[-.]idx3-ubyte$/, '');
  return name.slice(0, name.length - extname(name).length) || 'images';
};
