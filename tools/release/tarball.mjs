// Checks the content of a tarball, and runs publint and attw (Are the Types Wrong) on it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { node, run } from './run.mjs';
import { entries, root } from './workspace.mjs';

const WANTED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts'];
const UNWANTED = /(^|\/)(test|tests|bench|fixtures|node_modules|etc)\/|\.tsbuildinfo$|\.test\.|\.api\.md$|tsconfig/;

/**
 * Returns the paths in a tarball.
 *
 * @param {string} path
 * @returns {Promise<readonly string[]>}
 * @throws if a file is missing or unexpected.
 */
export const checkContents = async (path) => {
  const { stdout } = await run('tar', ['-tzf', path]);
  const files = stdout
    .trim()
    .split('\n')
    .filter((file) => !file.endsWith('/'))
    .map((file) => file.replace(/^package\//, ''));
  const missing = WANTED.filter((file) => !files.includes(file));
  const stray = files.filter((file) => UNWANTED.test(file));
  if (missing.length > 0)
    throw new Error(
      `not in the tarball: ${missing.join(', ')}. Is it in "files" of package.json, and is there a changeset?`,
    );
  if (stray.length > 0)
    throw new Error(
      `in the tarball, but not expected there: ${stray.slice(0, 5).join(', ')}. See "files" of package.json.`,
    );
  /** @type {import('./workspace.mjs').Manifest} */
  const manifest = JSON.parse((await run('tar', ['-xzOf', path, 'package/package.json'])).stdout);
  const local = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(([, range]) =>
    /^(workspace|file|link):/.test(range),
  );
  if (local.length > 0 || manifest.version === '0.0.0')
    throw new Error(
      `cannot be published: version ${manifest.version}, local dependencies ${local.map(([name]) => name).join(', ') || 'none'}.`,
    );
  return files;
};

/**
 * Runs publint.
 *
 * @param {string} path
 * @throws for errors and warnings; suggestions are ignored.
 */
export const checkPublint = async (path) => {
  const { messages, pkg } = await publint({ pack: { tarball: (await readFile(path)).buffer }, strict: true });
  const faults = messages.filter(({ type }) => type !== 'suggestion');
  if (faults.length > 0)
    throw new Error(`publint: ${faults.map((message) => formatMessage(message, pkg, { color: false })).join('; ')}`);
};

/**
 * Runs attw.
 *
 * @param {string} path
 * @param {import('./workspace.mjs').Entered} one
 * @throws if the types of an entry point are not found, or do not match the code, for an ES module or a bundler.
 */
export const checkTypes = async (path, one) => {
  const { stdout } = await node([
    join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'),
    path,
    '--profile',
    'esm-only',
    '--no-definitely-typed',
    '--no-color',
    '--no-emoji',
    '--format',
    'ascii',
    '--entrypoints',
    ...entries(one).map(({ specifier }) => `.${specifier.slice(one.name.length)}`),
  ]);
  // attw accepts a package without types, so this function checks that there are types.
  if (stdout.includes('does not contain types')) throw new Error('attw: no types in the tarball. Was it compiled?');
};
