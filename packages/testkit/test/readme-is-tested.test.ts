import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the first program of the README is the file `readme.test.ts`', async () => {
  const [readme, program] = await Promise.all(
    ['../README.md', 'readme.test.ts'].map((path) => readFile(new URL(path, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\n${program}\`\`\``);
});
