// `npm run options`: writes the files that are generated from the records of options and of file formats: the JSON
// schema of a run, and the tables of options and the lists of formats in pages. Also writes the generated parts of
// READMEs (tools/readmes), and the descriptions in package.json. With `--check`, the program fails if one of these
// files is out of date, or if a document names an export that no package has.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nameProblems } from '../readmes/names.mjs';
import { withDescription, withParts } from '../readmes/parts.mjs';
import { asCommand } from '../release/run.mjs';
import { publishable, root } from '../release/workspace.mjs';
import { withFormats } from './formats.mjs';
import { schemaText } from './schema.mjs';
import { withTables } from './tables.mjs';

/** @import { Publishable } from '../release/workspace.mjs' */

/** Pages that list the file formats. */
const LISTING = ['README.md', 'docs/guide/cookbook/fit-a-csv.md'];

/** @param {string} path */
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

/**
 * Returns the README and the package.json of a package, each with its path.
 *
 * @param {Publishable} one
 */
const ofPackage = (one) => {
  const [readme, manifest] = [`${one.folder}/README.md`, `${one.folder}/package.json`];
  return [
    [readme, withParts(one, withFormats(withTables(read(readme))))],
    [manifest, withDescription(read(manifest), read(readme))],
  ];
};

await asCommand('options', async () => {
  const {
    values: { check },
  } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const packages = publishable().filter(({ folder }) => !folder.startsWith('apps/'));
  /** @type {Readonly<Record<string, string>>} */
  const texts = {
    'packages/impflow/schema.json': schemaText(),
    'apps/trainer/README.md': withFormats(withTables(read('apps/trainer/README.md'), true)),
    ...Object.fromEntries([...LISTING.map((path) => [path, withFormats(read(path))]), ...packages.flatMap(ofPackage)]),
  };
  const changed = Object.entries(texts).filter(([path, text]) => text !== read(path));
  const paths = changed.map(([path]) => path).join(', ');
  const problems = check ? nameProblems() : [];
  if (check && changed.length > 0) throw new Error(`out of date: ${paths}. Run npm run options.`);
  if (problems.length > 0) throw new Error(`wrong names:\n${problems.join('\n')}`);
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  console.error(`[options] ${changed.length === 0 ? 'all up to date' : `written: ${paths}`}`);
});
