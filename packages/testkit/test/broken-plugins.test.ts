import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { expected } from './broken/expected.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly ancestorTitles: readonly string[]; readonly title: string; readonly status: string }[];
  }[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const config = fileURLToPath(new URL('broken/vitest.config.ts', import.meta.url));
const vitest = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs');

/** What vitest says of all broken plugins, from a process of its own: that it fails is the point. */
const report = async (): Promise<Report> => {
  const folder = await mkdtemp(join(tmpdir(), 'impflow-broken-'));
  const file = join(folder, 'report.json');
  try {
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [vitest, 'run', '--config', config, '--root', root, '--reporter=json', `--outputFile=${file}`], { cwd: root, maxBuffer: 1e9 },
        (_error, stdout, stderr) => { resolve(stdout + stderr); });
    });
    return JSON.parse(await readFile(file, 'utf8').catch(() => { throw new Error(`vitest gave no report:\n${output}`); })) as Report;
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** `name on 'cpu'`, and other words around the name of a plugin. */
const pluginOf = (title: string): string => title.replace(/^the data set /, '').replace(/ on 'cpu'$/, '');

/** The laws that each plugin of a file breaks. */
const brokenIn = (results: Report['testResults'][number]['assertionResults']): Readonly<Record<string, readonly string[]>> => {
  const broken: Record<string, string[]> = {};
  for (const { ancestorTitles, title, status } of results) {
    const laws = broken[pluginOf(ancestorTitles[0]!)] ??= [];
    if (status === 'failed') laws.push(title);
  }
  return broken;
};

describe('each broken plugin is caught by the laws that it breaks, and a sound one by none', () => {
  let files: ReadonlyMap<string, Report['testResults'][number]>;
  beforeAll(async () => {
    files = new Map((await report()).testResults.map((result) => [basename(result.name, '.broken.ts'), result]));
  }, 600_000);

  it.each(Object.entries(expected))('%s', (kind, laws) => {
    const result = files.get(kind);
    expect(result, 'the file ran').toBeDefined();
    expect(result!.message).toBe('');
    expect(brokenIn(result!.assertionResults)).toEqual(laws);
  });

  it('no file is left out', () => { expect([...files.keys()].toSorted()).toEqual(Object.keys(expected).toSorted()); });
});
