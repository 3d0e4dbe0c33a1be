// Checks that packing refuses the native libraries with typical defects.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileOf, hashOfSources, PLATFORMS, sha256Of } from '../../native-libraries.mjs';
import { checkLibraries } from '../libraries.mjs';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/**
 * Returns a folder with a file and an entry of the manifest for each platform, in which the entry of Windows is
 * changed.
 */
const withWindows = (changed: object | undefined): string => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-libraries-'));
  folders.push(folder);
  const entries = Object.keys(PLATFORMS).map((platform) => {
    const file = fileOf(platform);
    writeFileSync(join(folder, file), platform);
    const sha256 = sha256Of(Buffer.from(platform));
    const entry = { file, sha256, compiler: 'zig cc, clang version 22', sources: hashOfSources() };
    return [platform, platform !== 'win32-x64' ? entry : changed === undefined ? undefined : { ...entry, ...changed }];
  });
  writeFileSync(join(folder, 'libraries.json'), JSON.stringify(Object.fromEntries(entries)));
  return folder;
};

it('`checkLibraries` accepts the libraries of all platforms', () => {
  expect(() => checkLibraries(withWindows({}))).not.toThrow();
});

it.each([
  ['missing', undefined],
  ['missing', { file: 'none.dll' }],
  ['not the file that was built', { sha256: sha256Of(Buffer.from('another')) }],
  ['made from other sources', { sources: '' }],
  ['compiled by cc (Debian) 12', { compiler: 'cc (Debian) 12' }],
])('`checkLibraries` refuses a library that is %s', (fault, changed) => {
  expect(() => checkLibraries(withWindows(changed))).toThrow(
    `cannot be published without its libraries: win32-x64 is ${fault}.`,
  );
});

it('`checkLibraries` refuses a folder without libraries, and names the missing platforms', () => {
  expect(() => checkLibraries(tmpdir())).toThrow('linux-x64 is missing; linux-x64-musl is missing; ');
});
