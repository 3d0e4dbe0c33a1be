import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, defaultClientConditions, type Rolldown } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { placeBytes, places } from '../../../build/places.ts';

type Output = Rolldown.RolldownOutput['output'][number];

const source = (name: string): string => fileURLToPath(new URL(`../../../src/workers/data/${name}`, import.meta.url));
const bundle = async (entry: string): Promise<readonly Output[]> => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    base: './',
    plugins: [places()],
    resolve: { conditions: ['@impflow/source', ...defaultClientConditions] },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: { input: source(entry), preserveEntrySignatures: 'strict' },
    },
  });
  return (result as Rolldown.RolldownOutput).output;
};
const codeOf = (output: readonly Output[]): string =>
  output.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n');
const modulesOf = (output: readonly Output[]): readonly string[] =>
  output.flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []));

describe('the bundle of a worker', () => {
  let [preparing, tables]: [readonly Output[], readonly Output[]] = [[], []];
  beforeAll(async () => {
    [preparing, tables] = [await bundle('prepare.ts'), await bundle('table-file.ts')];
  });

  it('the bundle of a worker that prepares data contains no Node modules and no CSV parser', () => {
    expect(codeOf(preparing)).not.toMatch(/["']node:/);
    expect(modulesOf(preparing).filter((id) => /csv/.test(id))).toEqual([]);
  });

  it('a worker’s bundle refers to the bundled data files by addresses relative to the script', async () => {
    for (const name of ['earthquakes', 'zipcodes'] as const) {
      const file = preparing.find((part) => part.type === 'asset' && part.fileName.includes(name));
      expect(file?.fileName).toMatch(/^assets\/.+\.bin$/);
      expect(Buffer.from((file as Rolldown.OutputAsset).source).equals((await placeBytes(name)).bytes)).toBe(true);
      expect(codeOf(preparing)).toContain(
        `new URL("${file!.fileName.replace('assets/', '')}",import.meta.url)`.replaceAll(
          '"',
          codeOf(preparing).includes('new URL(`') ? '`' : '"',
        ),
      );
    }
  });

  it('the bundle that reads tables contains only the small CSV parser for browsers', () => {
    expect(codeOf(tables)).not.toMatch(/["']node:/);
    expect(
      modulesOf(tables)
        .filter((id) => id.includes('csv-parse'))
        .map((id) => id.replace(/.*\/csv-parse\/(?!.*\/csv-parse\/)/, '')),
    ).toEqual(['dist/esm/sync.js']);
    // The readers of CSV and Parquet, and the rules for columns of impflow.
    expect(gzipSync(codeOf(tables)).length).toBeLessThan(110_000);
  });
});
