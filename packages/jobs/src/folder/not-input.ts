import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FlowError } from '@impflow/core';

/**
 * Checks that a command does not replace a file that it reads. Paths are compared by the files to which they lead, so
 * that links are recognized. Inputs that are no paths, such as addresses and names of data sets, are ignored.
 *
 * @param out Path of the output: a file, or a folder into which parts are written. Undefined if there is no output.
 * @param inputs Paths of the files that the command reads.
 * @throws `input` if `out` is one of these files, or a folder that contains one of them.
 */
export const assertNotInput = async (out: string | undefined, inputs: readonly string[]): Promise<void> => {
  const target = out === undefined ? undefined : await idOf(out);
  if (target === undefined) return;
  for (const input of inputs) {
    const own = await idOf(input);
    if (own === undefined) continue;
    if (own === target) throw isInput(`${out} is a file that this command reads`, input, 'file');
    // An input may be a link. Then both the folder of the link and the folder of the file must be kept.
    const folders = await Promise.all([input, await realpath(input)].map((path) => idOf(dirname(path))));
    if (folders.includes(target)) throw isInput(`${out} holds a file that this command reads`, input, 'folder');
  }
};

/** Returns a string that identifies the file or folder to which a path leads; undefined if nothing is there. */
const idOf = async (path: string): Promise<string | undefined> => {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
};

const isInput = (what: string, input: string, place: 'file' | 'folder'): FlowError =>
  new FlowError('input', 'jobs/notInput', what, {
    expected: `another ${place} for the results, because they would replace the input`,
    got: input,
    hint: `Choose another ${place}.`,
  });
