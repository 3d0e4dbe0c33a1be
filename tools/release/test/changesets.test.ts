import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { publishable, root } from '../workspace.mjs';

// `changeset version` refuses all changesets if one of them names another package.
it('the changesets name only packages of the workspace', () => {
  const folder = join(root, '.changeset');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^"([^"]+)": (?:major|minor|patch)$/gm)])
    .map(([, name]) => name);
  const known = publishable().map(({ name }) => name);
  expect(names.filter((name) => !known.includes(name!))).toEqual([]);
});
