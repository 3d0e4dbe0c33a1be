import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';

const folder = fileURLToPath(new URL('.examples', import.meta.url));
const blocks = [
  ...readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms),
].map((match) => match[1]!);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  [0, /recommended: wasm/],
  [1, /^(wasm|cpu) /m],
] as const)('example %i of the README runs', async (i, printed) => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/readme-${i}.ts`;
  writeFileSync(path, blocks[i]!);
  await import(/* @vite-ignore */ path);
  const lines = print.mock.calls.map((words) => words.join(' ')).join('\n');
  print.mockRestore();
  expect(lines).toMatch(printed);
});
