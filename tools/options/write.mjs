// `npm run options`: writes what follows from the records of options and of file formats: the JSON schema of a run, and
// the tables of options and the lists of formats in pages. With `--check`, fails if one is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from '../release/run.mjs';
import { root } from '../release/workspace.mjs';
import { withFormats } from './formats.mjs';
import { schemaText } from './schema.mjs';
import { withTables } from './tables.mjs';

/** Pages that list the file formats. */
const LISTING = ['README.md', 'packages/tables/README.md', 'docs/guide/cookbook/fit-a-csv.md'];

/** @param {string} path */
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

await asCommand('options', async () => {
  const {
    values: { check },
  } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  /** @type {Readonly<Record<string, string>>} */
  const texts = {
    'packages/impflow/schema.json': schemaText(),
    'packages/impflow/README.md': withFormats(withTables(read('packages/impflow/README.md'))),
    'apps/trainer/README.md': withFormats(withTables(read('apps/trainer/README.md'), true)),
    ...Object.fromEntries(LISTING.map((path) => [path, withFormats(read(path))])),
  };
  const changed = Object.entries(texts).filter(([path, text]) => text !== read(path));
  const paths = changed.map(([path]) => path).join(', ');
  if (check && changed.length > 0) throw new Error(`out of date: ${paths}. Run npm run options.`);
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  console.error(`[options] ${changed.length === 0 ? 'all up to date' : `written: ${paths}`}`);
});
