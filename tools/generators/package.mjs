import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// The generators of nx. A generator writes a plugin package of one kind, with tests, a benchmark and a README. The
// tests of the package fail only because one function is empty.
import { generateFiles, updateJson } from '@nx/devkit';
import { finish } from './finish.mjs';
import { KINDS } from './kinds.mjs';
import { assertName, camel, pascal } from './names.mjs';

const files = fileURLToPath(new URL('files', import.meta.url));

/**
 * @param {string} kind
 * @returns {import('@nx/devkit').Generator<{ name: string; install?: boolean }>}
 */
const generator =
  (kind) =>
  async (tree, { name, install = true }) => {
    const { folder, noun, fills, dependencies, development, trained } = KINDS[kind];
    const packageName = `${folder}-${name}`;
    const root = `plugins/${packageName}`;
    await assertName(tree.root, kind, name);
    const words = {
      name,
      noun,
      root,
      fills,
      trained,
      dependencies,
      development,
      packageName,
      camel: camel(name),
      pascal: pascal(name),
      article: /^[aeiou]/.test(noun) ? 'An' : 'A',
    };
    generateFiles(tree, join(files, 'shared'), root, words);
    generateFiles(tree, join(files, kind), root, words);
    tree.write(
      `.changeset/${packageName}.md`,
      `---\n"@impflow/${packageName}": minor\n---\n\n${words.article} ${noun}: ${name}.\n`,
    );
    updateJson(tree, 'tsconfig.json', (config) => ({ ...config, references: withReference(config.references, root) }));
    // Adds the package to the documentation site, which documents its API and runs the code blocks of its README.
    updateJson(tree, 'apps/docs/package.json', (site) => ({
      ...site,
      devDependencies: sorted({ ...site.devDependencies, [`@impflow/${packageName}`]: 'workspace:*' }),
    }));
    return () => finish(tree.root, { ...words, install });
  };

/** @param {Readonly<Record<string, string>>} record */
const sorted = (record) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Inserts the path after the last plugin, and before projects that may depend on plugins.
 *
 * @param {readonly { path: string }[]} references
 * @param {string} path
 */
const withReference = (references, path) => {
  const last = references.findLastIndex((reference) => reference.path.startsWith('plugins/'));
  return references.toSpliced(last < 0 ? references.length : last + 1, 0, { path });
};

export const [solver, adjoint, estimator, activation, bijector, base, backend, data] = [
  'solver',
  'adjoint',
  'estimator',
  'activation',
  'bijector',
  'base',
  'backend',
  'data',
].map(generator);
