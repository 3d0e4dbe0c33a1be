// Writes the generated parts of a README, between `<!-- generated: NAME -->` and `<!-- /generated -->`. The command
// that installs the package is before the first block of code; size, examples and exports are at the end.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries, root } from '../release/workspace.mjs';
import { exportsOf } from './exports.mjs';

/** @import { Publishable } from '../release/workspace.mjs' */
/** @import { Export } from './exports.mjs' */

/** Largest number of functions that a README lists with a sentence each. Longer lists are folded. */
const MOST_SENTENCES = 40;
const GENERATED = /<!-- generated: \w+ -->[^]*?<!-- \/generated -->\s*/g;
/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

/** @param {string} readme */
export const withoutParts = (readme) => readme.replace(GENERATED, '').trimEnd();

/**
 * Returns the README of a package with its generated parts up to date and at their positions.
 *
 * @param {Publishable} one
 * @param {string} readme
 */
export const withParts = (one, readme) => {
  const written = withoutParts(readme);
  const code = written.search(/^```|(?![^])/m);
  const tail = [sizeOf(one), usersOf(one), apiOf(one)].filter(Boolean).join('\n\n');
  return `${written.slice(0, code)}${part('install', installOf(one, written))}${written.slice(code)}\n\n${part('reference', tail).trimEnd()}\n`;
};

/**
 * Returns the package.json of a package, with the first sentence of its README as its description.
 *
 * @param {string} manifest
 * @param {string} readme
 */
export const withDescription = (manifest, readme) => {
  const [sentence] = readme.split(/\n\n+/)[1].split(/\.(?=\s|$)/);
  const description = sentence.replaceAll(/\[([^\]]*)\]\([^)]*\)|`/g, '$1').replaceAll('\n', ' ');
  return manifest.replace(/^( {2}"description": ).*,$/m, (_, key) => `${key}${JSON.stringify(description)},`);
};

/**
 * @param {string} name
 * @param {string} text
 */
const part = (name, text) => `<!-- generated: ${name} -->\n\n${text}\n\n<!-- /generated -->\n\n`;

/**
 * Returns the install command for the package, the packages that the first program of the README imports, and the peer
 * dependencies.
 *
 * @param {Publishable} one
 * @param {string} text
 */
const installOf = ({ name, manifest: { peerDependencies = {}, peerDependenciesMeta = {} } }, text) => {
  const [program = ''] = /^```[tj]s[^]*?^```$/m.exec(text) ?? [];
  const imported = [...program.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)[^:']*'/g)].map(([, specifier]) => specifier);
  const peers = Object.keys(peerDependencies).filter((peer) => !Object.hasOwn(peerDependenciesMeta, peer));
  const others = [...new Set([...imported, ...peers])].filter((other) => other !== name).sort();
  return `\`\`\`sh\nnpm install ${peers.includes('vitest') ? '--save-dev ' : ''}${[name, ...others].join(' ')}\n\`\`\``;
};

/** @param {Publishable} one */
const sizeOf = ({ name }) => {
  const row = read('docs/sizes.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`));
  if (row === undefined) return '';
  const [, , own, , all, minified, gzip, withTfjs] = row.split('|').map((cell) => cell.trim());
  const bundled = `A bundle of all exports and their dependencies without \`@tensorflow/tfjs-core\`: ${minified} minified, ${gzip} after gzip. With it: ${withTfjs} after gzip.`;
  return `## Size\n\nInstalled: ${own} alone, ${all} with all dependencies. ${minified ? bundled : 'It is not for pages, so no bundle is measured.'} See [Sizes](../../docs/sizes.md).`;
};

/**
 * Returns the list of examples and plugins that depend on the package. For a package of tests, the list also has the
 * examples and plugins that use it in their tests.
 *
 * @param {Publishable} one
 */
const usersOf = ({ name, manifest }) => {
  const forTests = manifest.peerDependencies?.vitest !== undefined;
  const lines = ['examples', 'plugins']
    .flatMap((parent) => readdirSync(join(root, parent)).map((child) => `${parent}/${child}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .flatMap((folder) => {
      const text = read(`${folder}/package.json`);
      // Descriptions of plugins are taken from their READMEs, because their package.json may still have old
      // descriptions.
      const user = JSON.parse(
        folder.startsWith('plugins/') ? withDescription(text, read(`${folder}/README.md`)) : text,
      );
      const needs = { ...user.dependencies, ...user.peerDependencies, ...(forTests ? user.devDependencies : {}) };
      return Object.hasOwn(needs, name) ? [`- [${folder}](../../${folder}/README.md): ${user.description}`] : [];
    });
  return lines.length === 0 ? '' : `## Examples\n\n${lines.join('\n')}`;
};

/** @param {Publishable} one */
const apiOf = (one) => {
  const [main, ...others] = entries(one).map(({ specifier }) => specifier);
  const namesOf = (/** @type {string} */ entry) =>
    exportsOf(entry)
      ?.map(({ name }) => name)
      .sort()
      .join();
  const sections = others.map((entry) =>
    namesOf(entry) === namesOf(main)
      ? `\`${entry}\` exports the same names.`
      : `### \`${entry}\`\n\n${exportsText(entry)}`,
  );
  return ['## API', exportsText(main), ...sections].join('\n\n');
};

/**
 * Returns the list of exports: functions and values, then types.
 *
 * @param {string} specifier
 */
const exportsText = (specifier) => {
  const all = exportsOf(specifier).toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const [values, types] = [false, true].map((isType) => all.filter((one) => one.isType === isType));
  /** @param {readonly Export[]} some */
  const list = (some) => some.map(({ name }) => `\`${name}\``).join(', ');
  const typed = types.length > 0 ? [`Types: ${list(types)}.`] : [];
  const rows = values.map(({ name, sentence }) => `| \`${name}\` | ${sentence} |`);
  const summary = `<details><summary>${values.length} functions and values, ${types.length} types</summary>`;
  return (
    values.length > MOST_SENTENCES
      ? [summary, `${list(values)}.`, ...typed, '</details>']
      : [['| export | what it is |', '| --- | --- |', ...rows].join('\n'), ...typed]
  ).join('\n\n');
};
