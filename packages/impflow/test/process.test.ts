import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { vegaPath } from './penguins.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Runs a program that uses the compiled package, in a separate process. `read` returns the content of the file that the
 * program wrote.
 */
const program = (name: string, body: string) => {
  const out = join(folder, `${name}.json`);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { writeFileSync } from 'node:fs';
      import { fit, load } from 'impflow';
      const out = await (async () => { ${body} })();
      writeFileSync(${JSON.stringify(out)}, JSON.stringify(out));`,
    ],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' },
  );
  return { stdout, stderr, status, read: () => JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown> };
};

const fitted = (more: string): string => `
  const model = await fit(${JSON.stringify(vegaPath('iowa-electricity.csv'))}, { steps: 12, seed: 3, ${more} });
  const { heldOut, workers } = model.report;
  const again = await load(model.toBytes());
  const { heldOut: evaluated } = await again.evaluate();
  again.explain(again.sample(1)[0]);
  again.impute([{ ...again.sample(1)[0], net_generation: null }]);
  return { heldOut, evaluated, workers };`;

describe('a program', () => {
  it('a program that calls `fit` with one or two workers prints nothing and exits by itself', () => {
    const runs = ['workers: 1', 'workers: 2'].map((more, i) => program(`workers-${i}`, fitted(more)));
    for (const { stdout, stderr, status } of runs) expect([stdout, stderr, status]).toEqual(['', '', 0]);
    const [one, two] = runs.map(({ read }) => read());
    expect([one!['workers'], two!['workers']]).toEqual([1, 2]);
    expect(one!['evaluated']).toEqual(one!['heldOut']);
    // With two workers, gradients are summed in a different order, so the results are rounded differently.
    const nats = (run: Record<string, unknown>): number => (run['heldOut'] as { readonly nats: number }).nats;
    expect(nats(two!)).toBeCloseTo(nats(one!), 2);
    expect(nats(two!)).not.toBe(NaN);
  }, 300_000);

  it('a program in which `fit` throws an error prints the error only to standard error', () => {
    const { stdout, stderr, status } = program('fails', `await fit('no-such-file.csv', { steps: 1 })`);
    expect([stdout, status]).toEqual(['', 1]);
    expect(stderr).toContain('no-such-file.csv');
    expect(stderr).not.toContain('Unhandled');
  });
});
