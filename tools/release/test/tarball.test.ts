// Runs the checks of a release on packages with typical defects.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkContents, checkPublint, checkTypes } from '../tarball.mjs';

const folder = mkdtempSync(join(tmpdir(), 'impflow-broken-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MANIFEST = {
  name: '@impflow/try',
  version: '0.1.0',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};
const FILES = {
  'README.md': '# Try',
  LICENSE: 'Apache',
  'CHANGELOG.md': '# Changes',
  'dist/index.js': 'export const one = 1;\n',
  'dist/index.d.ts': 'export declare const one: number;\n',
};

/** Makes a tarball as npm packs it, with the given changes of files; `undefined` omits a file. */
const packed = (
  name: string,
  {
    manifest = {},
    files = {},
  }: { readonly manifest?: object; readonly files?: Readonly<Record<string, string | undefined>> } = {},
) => {
  const one = { ...MANIFEST, ...manifest };
  const at = join(folder, name, 'package');
  for (const [path, text] of Object.entries({ ...FILES, ...files, 'package.json': JSON.stringify(one) })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), text);
  }
  const path = join(folder, `${name}.tgz`);
  execFileSync('tar', ['-czf', path, '-C', join(folder, name), 'package']);
  return { path, one: { name: one.name, manifest: one } };
};

it('all checks accept a correct package', async () => {
  const { path, one } = packed('sound');
  expect(await checkContents(path)).toContain('dist/index.js');
  await checkPublint(path);
  await checkTypes(path, one);
});

it.each([
  ['no-readme', { files: { 'README.md': undefined } }, 'not in the tarball: README.md'],
  ['no-changes', { files: { 'CHANGELOG.md': undefined } }, 'is there a changeset?'],
  ['with-tests', { files: { 'test/one.test.ts': '' } }, 'not expected there: test/one.test.ts'],
  ['with-build-info', { files: { 'dist/.tsbuildinfo': '{}' } }, 'dist/.tsbuildinfo'],
  ['unreleased', { manifest: { version: '0.0.0' } }, 'cannot be published: version 0.0.0'],
  ['local', { manifest: { dependencies: { '@impflow/core': 'workspace:*' } } }, 'local dependencies @impflow/core'],
])('`checkContents` refuses a tarball with a defect: %s', async (name, broken, words) => {
  await expect(checkContents(packed(name, broken).path)).rejects.toThrow(words);
});

it.each([
  [
    'missing-entry',
    { manifest: { exports: { '.': { types: './dist/index.d.ts', default: './dist/main.js' } } } },
    'dist/main.js',
  ],
  [
    'types-last',
    { manifest: { exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } } } },
    'types',
  ],
  ['commonjs-inside', { files: { 'dist/index.js': 'module.exports.one = 1;\n' } }, 'CJS'],
])('`checkPublint` refuses a tarball with a defect: %s', async (name, broken, words) => {
  await expect(checkPublint(packed(name, broken).path)).rejects.toThrow(words);
});

it('`checkTypes` reports missing types', async () => {
  const { path, one } = packed('no-types', {
    files: { 'dist/index.d.ts': undefined },
    manifest: { exports: { '.': './dist/index.js' } },
  });
  await expect(checkTypes(path, { ...one, manifest: MANIFEST })).rejects.toThrow('no types in the tarball');
});
