import { assertNode, FlowError, unreadable, assertPath } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import { partExtensions } from '../read/formats.ts';
import { isUrl } from './url-source.ts';

/**
 * Returns the paths of the table files of a source. A source is a file, a URL, a folder, a pattern, or a list of these.
 * For a folder or a pattern, the files with a readable format are returned, sorted by name in the order of character
 * codes. Hidden files and subfolders are ignored. In a pattern, `*` stands for any characters, and `?` stands for one
 * character. Wildcards are allowed only in the file name, not in the name of a folder.
 *
 * @throws `input` if a file does not exist, or if no file has a readable format; `option` for `*` or `?` in the name of
 * a folder.
 */
export const tableFiles = async (at: string, source: string | readonly string[]): Promise<readonly string[]> => {
  const sources = Array.isArray(source) ? (source as readonly string[]) : [source as string];
  const files = (await Promise.all(sources.map((one) => filesOf(at, one)))).flat();
  if (files.length > 0) return files;
  throw new FlowError('input', at, 'No files to read', { expected: 'at least one path or URL', got: 'none' });
};

const WILD = /[*?]/;

const filesOf = async (at: string, source: string): Promise<readonly string[]> => {
  assertPath(at, source);
  if (isUrl(source)) return [source];
  assertNode(at, 'Give the bytes of a file, or an address.');
  const { stat } = process.getBuiltinModule('node:fs/promises');
  const { basename, dirname } = process.getBuiltinModule('node:path');
  const found = await stat(source).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error)) return found.isDirectory() ? listed(at, source, source, () => true) : [source];
  if (found.code !== 'ENOENT' || !WILD.test(source)) throw unreadable(at, source, found, 'a file or a folder');
  const [folder, pattern] = [dirname(source), basename(source)];
  if (WILD.test(folder))
    throw new FlowError('option', at, `Cannot look for ${source}`, {
      expected: '* and ? only in the last part of the path',
      got: `the folder ${folder}`,
      hint: 'Name the folders one by one.',
    });
  return listed(at, folder, source, matcher(pattern));
};

const listed = async (
  at: string,
  folder: string,
  source: string,
  matches: (name: string) => boolean,
): Promise<readonly string[]> => {
  const { readdir } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(at, folder, error, 'a folder');
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && isTableFile(entry.name) && matches(entry.name))
    .map(({ name }) => name)
    .toSorted((a, b) => (a < b ? -1 : 1));
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new FlowError('input', at, `No table in ${source}`, {
    expected: `files that end in ${partExtensions.join(', ')}`,
    got: `${entries.length === 0 ? 'nothing' : 'other files'} there`,
    hint: 'Check the path.',
  });
};

/**
 * Returns whether `tableParts` reads a file with this name in a folder. Temporary files of writers are not read,
 * because they are hidden and have the extension `.tmp`. The records of a training, a sweep or a job in parts are not
 * read either, because they are no tables.
 */
export const isTableFile = (name: string): boolean =>
  !name.startsWith('.') && !RECORDS.test(name) && partExtensions.includes(extensionOf(name));

const RECORDS = /^(metrics|results(-\d+)?)\.jsonl$/;

const matcher = (pattern: string): ((name: string) => boolean) => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('?', '.')
    .replace(/\*+/g, '.*');
  const whole = new RegExp(`^${source}$`, 'su');
  return (name) => whole.test(name);
};
