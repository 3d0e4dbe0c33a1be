import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { FlowError } from '@impflow/core';
import { isAddress } from './is-address.ts';

/**
 * Checks that a path or address in a task lies within one of the roots of a worker. A root is a folder, or the
 * beginning of an address. Symbolic links are followed, so that no link leads out of a root.
 *
 * @param roots Absolute paths, and addresses that end in `/`.
 * @throws `input` for a path or address outside the roots.
 */
export const assertWithin = async (place: string, roots: readonly string[]): Promise<void> => {
  if (isAddress(place)) {
    // The address is compared in its normalized form `href`, so that `..` cannot lead outside a root.
    const { href } = new URL(place);
    if (roots.some((root) => isAddress(root) && href.startsWith(new URL(root).href))) return;
  } else if (isAbsolute(place)) {
    const real = await realParent(place);
    for (const root of roots) if (!isAddress(root) && isInside(real, await realpath(root))) return;
  }
  throw new FlowError(
    'input',
    'jobs/assertWithin',
    `A task uses a location outside the roots of this worker: ${place}`,
    {
      expected: `a location within ${roots.join(', ')}`,
      got: isAddress(place) || isAbsolute(place) ? 'another location' : 'a relative path',
      hint: 'If tasks may read and write this location, start the worker with a root that contains it.',
    },
  );
};

/**
 * Returns the real path of a file that need not exist yet: the real path of its nearest existing parent folder,
 * followed by the rest of the path.
 */
const realParent = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    return resolve(await realParent(parent), relative(parent, path));
  }
};

const isInside = (path: string, root: string): boolean => {
  const rest = relative(root, path);
  return rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest);
};
