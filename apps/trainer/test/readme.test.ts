import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = fileURLToPath(new URL('.examples', import.meta.url));

/** The TypeScript blocks of a document. */
const blocks = (document: string): readonly string[] =>
  [...readFileSync(`${root}/${document}`, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);

const run = async (name: string, code: string): Promise<Record<string, unknown>> => {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${name}.ts`;
  writeFileSync(path, code);
  return await import(/* @vite-ignore */ path) as Record<string, unknown>;
};

afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

it('the example of the README runs and prints densities and samples', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  await run('readme', blocks('README.md')[0]!);
  const printed = print.mock.calls.flat().join('\n');
  print.mockRestore();
  const [dense, anomaly] = /\[(-?[\d.]+), (-?[\d.]+)\]/.exec(printed)!.slice(1).map(Number);
  expect(dense!).toBeGreaterThan(-3.5);
  expect(anomaly!).toBeLessThan(dense! - 3);
});

it('the plugin of CONTRIBUTING solves', async () => {
  const { halfStep } = await run('contributing', blocks('CONTRIBUTING.md')[0]!) as { readonly halfStep: () => never };
  const { solve } = await import('@impflow/solvers');
  const { cos, tensor2d } = await import('@tensorflow/tfjs-core');
  const { value, status } = solve(halfStep(), (y) => cos(y), tensor2d([[0.5]]));
  expect(status).toBe('converged');
  expect(value.dataSync()[0]).toBeCloseTo(0.739085, 4);
});
