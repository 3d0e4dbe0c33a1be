// Checks names in documents: code blocks may import only exports of our packages, and names in READMEs must exist.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tfjs from '@tensorflow/tfjs-core';
import { blocksOf, documents } from '../docs/blocks/extract.mjs';
import { entries, publishable, root } from '../release/workspace.mjs';
import { exportsOf, namesIn } from './exports.mjs';
import { withoutParts } from './parts.mjs';

const IMPORT = /^\s*import (?:type )?\{([^}]*)\} from '((?:@impflow\/|impflow\b)[^']*)'/gm;
/** @param {string} folder */
const wordsUnder = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|md)$/.test(file))
    .flatMap((file) => readFileSync(join(root, folder, file), 'utf8').match(/\w+/g) ?? []);
const packages = publishable().map((one) => ({
  ...one,
  exported: new Set(entries(one).flatMap(({ specifier }) => exportsOf(specifier).map(({ name }) => name))),
  interface: new Set(wordsUnder(`${one.folder}/etc`)),
}));
const ofTfjs = new Set([...Object.keys(tfjs), ...Object.getOwnPropertyNames(tfjs.Tensor.prototype)]);

/** @param {string} path */
const wrongImports = (path) =>
  blocksOf(path).flatMap(({ line, code }) =>
    [...code.matchAll(IMPORT)].flatMap(([, names, specifier]) =>
      namesIn(names)
        .filter((name) => !exportsOf(specifier).some((one) => one.name === name))
        .map((name) => `${path}:${line} imports ${name}: expected an export of ${specifier}.`),
    ),
  );

/**
 * Checks calls and words in camel case in the inline code of a README. Short names are skipped, because formulas have
 * them, such as `log det(I + J)`.
 *
 * @param {typeof packages[number]} one
 */
const wrongNames = ({ name: own, folder, interface: members }) => {
  const readme = withoutParts(readFileSync(join(root, folder, 'README.md'), 'utf8'));
  const prose = readme.replace(/^(`{3,})[^]*?^\1$|<!-- (\w+).*?-->[^]*?<!-- \/\2 -->/gm, '');
  const inBlocks = new Set([...readme.matchAll(/^(`{3,})[^]*?^\1$/gm)].flatMap(([block]) => block.match(/\w+/g) ?? []));
  const inSources = new Set(wordsUnder(`${folder}/src`));
  return [...prose.matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, code]) => code.match(/(?<![\w.])[a-z][a-zA-Z]{3,}\(|^[a-z]+[A-Z]\w*$/g) ?? [])
    .filter((word, i, words) => {
      const name = word.replace('(', '');
      if (words.indexOf(word) < i || inBlocks.has(name) || members.has(name) || ofTfjs.has(name)) return false;
      const owners = packages.filter(({ exported }) => exported.has(name));
      if (owners.some((owner) => readme.includes(owner.name) || readme.includes(`../${owner.short}`))) return false;
      const isKnown = packages.some((other) => other.interface.has(name)) || (word === name && inSources.has(name));
      return owners.length > 0 || !isKnown;
    })
    .map(
      (word) =>
        `${folder}/README.md names ${word}: expected an export of ${own}, or beside it the package that has it.`,
    );
};

/** Headers of tables that list exports, and the column of the exports. */
const LISTS = [
  { header: /^\| you want \| take \|$/m, column: 2 },
  { header: /^\| function \|.*$/m, column: 1 },
];

/**
 * Checks the names that the tables of a README list as exports of the package. Unlike {@link wrongNames}, this check
 * also finds short names and names without a capital letter.
 *
 * @param {typeof packages[number]} one
 */
const wrongLists = (one) =>
  unexported(readFileSync(join(root, one.folder, 'README.md'), 'utf8'), one.exported).map(
    (name) => `${one.folder}/README.md lists ${name}: expected an export of ${one.name}.`,
  );

/**
 * Returns the names in the tables of exports of a README that are not in `exported`. Names that a link or a package
 * follows in the same cell belong to other packages.
 *
 * @param {string} readme
 * @param {ReadonlySet<string>} exported
 */
export const unexported = (readme, exported) =>
  LISTS.flatMap(({ header, column }) =>
    [...readme.matchAll(new RegExp(`${header.source}\\n((?:\\|.*\\n)+)`, 'gm'))]
      .flatMap(([, rows]) => rows.trim().split('\n').slice(1))
      .map((row) => row.split(/(?<!\\)\|/)[column] ?? '')
      .filter((cell) => !/\]\(|@impflow\//.test(cell))
      .flatMap((cell) => [...cell.matchAll(/`([A-Za-z]\w+)(?:\([^`]*\))?`/g)].map(([, name]) => name))
      .filter((name) => !exported.has(name)),
  );

/** Returns all problems, one line each. */
export const nameProblems = () => [
  ...documents().flatMap(wrongImports),
  ...packages.flatMap(wrongNames),
  ...packages.flatMap(wrongLists),
];
