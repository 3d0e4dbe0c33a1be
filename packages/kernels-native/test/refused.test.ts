import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelsIn, platformOf } from '../src/native-kernels.ts';
import { openKernels } from '../src/open-kernels.ts';

const LIBRARIES = new URL('../libraries/', import.meta.url);
const PLATFORM = platformOf();
type Manifest = Record<string, { readonly file: string; readonly sha256: string } | undefined>;
const manifest = (
  existsSync(new URL('libraries.json', LIBRARIES))
    ? JSON.parse(readFileSync(new URL('libraries.json', LIBRARIES), 'utf8'))
    : {}
) as Manifest;
const own = manifest[PLATFORM];

const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
afterAll(() => rmSync(folder, { recursive: true }));
const here = pathToFileURL(`${folder}/`);
const write = (content: Manifest): void => writeFileSync(join(folder, 'libraries.json'), JSON.stringify(content));

describe('loading native kernels returns a reason instead of kernels', () => {
  it('no kernels are loaded if there is no library', async () => {
    expect(await kernelsIn(here)).toEqual({ refused: `There is no library for ${PLATFORM}: none was built` });
  });

  it('no kernels are loaded if there are libraries only for other platforms', async () => {
    write({ 'plan9-mips': { file: 'plan9-mips.so', sha256: '' } });
    expect(await kernelsIn(here)).toEqual({ refused: `There is no library for ${PLATFORM}: only for plan9-mips` });
  });

  it('no kernels are loaded if the list of libraries, `libraries.json`, is truncated', async () => {
    writeFileSync(join(folder, 'libraries.json'), '{ "linux');
    expect(await kernelsIn(here)).toEqual({ refused: expect.stringMatching(/^The list of libraries is damaged: /) });
  });

  it('no kernels are loaded if the library file is missing', async () => {
    write({ [PLATFORM]: { file: 'none.so', sha256: '' } });
    expect(await kernelsIn(here)).toEqual({
      refused: expect.stringMatching(/^The library none.so cannot be read: .*ENOENT/),
    });
  });

  it.runIf(own !== undefined)('no kernels are loaded if the library file is truncated', async () => {
    const file = join(folder, 'cut.so');
    copyFileSync(new URL(own!.file, LIBRARIES), file);
    truncateSync(file, 1000);
    write({ [PLATFORM]: { ...own!, file: 'cut.so' } });
    expect(await kernelsIn(here)).toEqual({
      refused: expect.stringMatching(/^The library cut.so is damaged: expected SHA-256 .*, got .* of 1000 bytes$/),
    });
  });

  it('no kernels are loaded if the operating system cannot load the library file', async () => {
    const file = join(folder, 'text.so');
    writeFileSync(file, 'This is no library.');
    expect(await openKernels(file)).toEqual({ refused: expect.stringMatching(/^The library does not load: /) });
  });

  it('no kernels are loaded if the file is another library', async () => {
    // Use the library of koffi, which loads on every platform.
    const load = createRequire(import.meta.url);
    expect(load('koffi')).toHaveProperty('load');
    const file = Object.keys(load.cache).find((path) => path.endsWith('.node'));
    expect(file).toBeDefined();
    expect(await openKernels(file!)).toEqual({
      refused: expect.stringMatching(/^The library belongs to another version: expected interface \d+, got none$/),
    });
  });

  it.runIf(own !== undefined)('no kernels are loaded if the processor lacks the set of instructions', async () => {
    const foreign = process.arch === 'arm64' ? 'avx2' : 'neon';
    expect(await kernelsIn(LIBRARIES, foreign)).toEqual({
      refused: expect.stringMatching(new RegExp(`^This processor does not run ${foreign}`)),
    });
  });
});
