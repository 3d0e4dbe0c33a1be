// `npm run options`: writes what follows from the records of options: the JSON schema of a run, and the tables of options
// in README files. With `--check`, fails if one is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from '../release/run.mjs';
import { root } from '../release/workspace.mjs';
import { schemaText } from './schema.mjs';
import { withTables } from './tables.mjs';

/** @param {string} path */
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

await asCommand('options', async () => {
  const {
    values: { check },
  } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  /** @type {Readonly<Record<string, string>>} */
  const texts = {
    'packages/impflow/schema.json': schemaText(),
    'packages/impflow/README.md': withTables(read('packages/impflow/README.md')),
    'apps/trainer/README.md': withTables(read('apps/trainer/README.md'), true),
  };
  const changed = Object.entries(texts).filter(([path, text]) => text !== read(path));
  const paths = changed.map(([path]) => path).join(', ');
  if (check && changed.length > 0) throw new Error(`out of date: ${paths}. Run npm run options.`);
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  console.error(`[options] ${changed.length === 0 ? 'all up to date' : `written: ${paths}`}`);
});
