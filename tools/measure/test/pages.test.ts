// Checks that the measured parts of pages are equal to the texts that the programs write from the records.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readLines } from '../../json-lines.mjs';
import type { Program } from '../measure.mjs';
import { withMeasured } from '../page.mjs';
import { PROGRAMS } from '../programs.mjs';

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

it.each(Object.entries(PROGRAMS))('%s', async (name, path) => {
  const { program }: { program: Program } = await import(new URL(`../${path}`, import.meta.url).href);
  expect(program.name).toBe(name);
  const records = readLines(root(`docs/measured/${name}.jsonl`));
  const files = records.length === 0 ? {} : await program.pages(records);
  const changed = Object.entries(files).filter(
    ([page, texts]) =>
      typeof texts === 'object' &&
      !(texts instanceof Uint8Array) &&
      withMeasured(page, texts) !== readFileSync(root(page), 'utf8'),
  );
  expect(
    changed.map(([page]) => page),
    `npm run measure -- ${name} --markdown`,
  ).toEqual([]);
});
