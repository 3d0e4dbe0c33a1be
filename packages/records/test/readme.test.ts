import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';

const folder = fileURLToPath(new URL('.examples', import.meta.url));
const [code] = [
  ...readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms),
].map((match) => match[1]!);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('the example of the README runs', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/readme.ts`, code!);
  await import(/* @vite-ignore */ `${folder}/readme.ts`);
  const [[scores], [reasons], [filled], [drawn]] = print.mock.calls as unknown as readonly [
    [{ readonly values: Float64Array; readonly pValues: Float64Array; readonly gaps: Uint32Array }],
    [readonly { readonly column: string; readonly part: number; readonly typical: unknown }[]],
    [readonly { readonly name: string; readonly numbers: Float64Array }[]],
    [readonly { readonly texts?: readonly string[]; readonly numbers: Float64Array }[]],
  ];
  print.mockRestore();
  expect(scores.pValues[0]!).toBeLessThan(0.01);
  expect([...scores.gaps]).toEqual([0, 1]);
  expect(scores.values[1]! - scores.values[0]!).toBeGreaterThan(10);
  expect(reasons.map(({ column, typical }) => [column, typical === 'dog' || typeof typical])).toEqual([
    ['kind', true],
    ['kg', 'number'],
  ]);
  expect(filled[2]!.numbers).toHaveLength(4);
  expect(filled[2]!.numbers.subarray(1).every((kg) => kg > 15 && kg < 25)).toBe(true);
  expect(drawn[0]!.texts!.every((text) => text === 'cat' || text === 'dog')).toBe(true);
});
