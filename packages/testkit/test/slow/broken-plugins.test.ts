import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { expected } from '../broken/expected.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const config = fileURLToPath(new URL('../broken/vitest.config.ts', import.meta.url));
const vitest = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs');

/** Runs all broken plugins in a child process, which must fail. Returns the report of vitest as data and as text. */
const run = async (): Promise<{ readonly report: Report; readonly printed: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'impflow-broken-'));
  const file = join(folder, 'report.json');
  try {
    const output = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        [
          vitest,
          'run',
          '--config',
          config,
          '--root',
          root,
          '--reporter=json',
          `--outputFile=${file}`,
          '--reporter=default',
        ],
        { cwd: root, maxBuffer: 1e9 },
        (_error, stdout, stderr) => {
          resolve(stdout + stderr);
        },
      );
    });
    const report = JSON.parse(
      await readFile(file, 'utf8').catch(() => {
        throw new Error(`vitest gave no report:\n${output}`);
      }),
    ) as Report;
    return { report, printed: stripVTControlCharacters(output) };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Returns the name of a plugin from the title of a suite. */
const pluginOf = (title: string): string => title.replace(/^the data set /, '').replace(/ on '(cpu|wasm)'$/, '');

/** Returns the laws that each plugin of a file breaks. */
const brokenIn = (
  results: Report['testResults'][number]['assertionResults'],
): Readonly<Record<string, readonly string[]>> => {
  const broken: Record<string, string[]> = {};
  for (const { ancestorTitles, title, status } of results) {
    const laws = (broken[pluginOf(ancestorTitles[0]!)] ??= []);
    if (status === 'failed') laws.push(title);
  }
  return broken;
};

describe('each broken plugin fails exactly the expected laws, and a correct plugin fails no law', () => {
  let files: ReadonlyMap<string, Report['testResults'][number]>;
  let printed: string;
  beforeAll(async () => {
    const result = await run();
    files = new Map(result.report.testResults.map((file) => [basename(file.name, '.broken.ts'), file]));
    ({ printed } = result);
  }, 600_000);

  it.each(Object.entries(expected))('%s', (kind, laws) => {
    const result = files.get(kind);
    expect(result, 'the file ran').toBeDefined();
    expect(result!.message).toBe('');
    expect(brokenIn(result!.assertionResults)).toEqual(laws);
  });

  it('the message of a failed law contains the numbers, the row and the difference, in a few lines', () => {
    // vitest prints the number of each failure, such as [3/150].
    const failures = printed
      .slice(printed.search(/Failed Tests \d+/))
      .split(/\[\d+\/\d+\]/)
      .slice(0, -1);
    expect(failures.length).toBeGreaterThan(100);
    const longest = failures.reduce((most, failure) =>
      failure.split('\n').length > most.split('\n').length ? failure : most,
    );
    // An error of a plugin is printed with two stack traces: its own and the stack trace of its cause.
    expect(longest.split('\n').length, longest.slice(0, 2000)).toBeLessThan(120);
    for (const said of [
      new RegExp(
        String.raw`beside a row of NaN, 0, row \d+, entry \d: expected \S+ exactly, got \S+\. ` +
          String.raw`The difference \S+ is the largest; \d+ of 998 numbers differ\.`,
      ),
      /a solve: expected nothing to be left beside the result, got 1 tensor:\n\s*\[2, 2\] float32, made by Identity at .*solvers\.broken/,
      new RegExp(
        String.raw`expected converged, got max-steps after 100 steps of "does nothing"\. ` +
          String.raw`The largest residual is [\d.]+ in row \d+; \d+ of \d+ rows have not converged\.`,
      ),
      /This is a kink or a wrong value at 0\. If it is a kink, pass `kinks: true`\./,
      /gets no gradient\. If the plugin starts with zeros in its last layer, pass `make: \(\) => lively\(\.\.\.\)`/,
      /the log-determinant of row \d, events \[12\]: the estimate is \S+, expected \S+:/,
      /rows with positive log-determinants, events \[1\]: the mean of 100 estimates is \S+, expected \S+:/,
    ])
      expect(printed).toMatch(said);
  });

  it('`expected.ts` has an entry for each file of broken plugins', () => {
    expect([...files.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
  });
});
