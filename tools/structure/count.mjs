// `node tools/structure/count.mjs [REVISION]`: prints numbers about the readability of the code in the working tree or
// in a revision, and the lines of each package, application and plugin.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { circlesOf } from './circles.mjs';

const [revision] = process.argv.slice(2);
/** @param {readonly string[]} args */
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const names = git(...(revision === undefined ? ['ls-files'] : ['ls-tree', '-r', '--name-only', revision]))
  .trim()
  .split('\n');

/**
 * Returns the text of every file with one of these endings, by path.
 *
 * @param {readonly string[]} endings
 * @returns {readonly (readonly [path: string, text: string])[]}
 */
const filesOf = (...endings) =>
  names
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => [name, revision === undefined ? readFileSync(name, 'utf8') : git('show', `${revision}:${name}`)]);
const code = filesOf('.ts', '.tsx', '.mts', '.mjs');
const sources = code.filter(([name]) => /\/src\//.test(name));

const lines = code.flatMap(([, text]) => text.split('\n'));
/** @param {number} width */
const longer = (width) => lines.filter((line) => line.length > width).length;
/**
 * @param {ReturnType<typeof filesOf>} files
 * @param {RegExp} pattern
 */
const matches = (files, pattern) => files.reduce((sum, [, text]) => sum + (text.match(pattern)?.length ?? 0), 0);

const importStatements = code.flatMap(([, text]) => text.match(/^import[^;]*?;/gm) ?? []);

const found = circlesOf(sources);

/** @type {readonly (readonly [what: string, count: number])[]} */
const rows = [
  ['lines of code, tests and tools', lines.length],
  ['longest line', lines.reduce((most, { length }) => Math.max(most, length), 0)],
  ['lines above 120 columns', longer(120)],
  ['lines above 160 columns', longer(160)],
  ['lines above 200 columns', longer(200)],
  ['docstrings and comments that begin with "Of"', matches(code, /(\/\*\*|^\s*\*|\/\/) Of /gm)],
  [
    'aliased imports',
    importStatements.reduce((sum, statement) => sum + (statement.match(/\w+ as \w+/g)?.length ?? 0), 0),
  ],
  ['double casts in sources', matches(sources, /as unknown as/g)],
  ['public members without a docstring', matches(filesOf('.api.md'), /\(undocumented\)/g)],
  ['circles of files', found.length],
  ['files in the largest circle', found[0]?.length ?? 0],
  ['tracked files', names.length],
];
const width = Math.max(...rows.map(([what]) => what.length));
for (const [what, count] of rows) console.log(`${what.padEnd(width)}  ${count.toLocaleString('en-US').padStart(9)}`);
for (const circle of found) console.log(`circle: ${circle.join(', ')}`);

const all = filesOf('.ts', '.tsx', '.mts', '.mjs', '.js', '.css', '.html', '.py', '.template');
const units = new Set(all.flatMap(([path]) => /^((packages|apps|plugins)\/[^/]+|\w+)\//.exec(path)?.[0] ?? []));
/** @type {readonly (readonly [title: string, paths: RegExp])[]} */
const groups = [
  ...[...units].toSorted().map((unit) => /** @type {const} */ ([unit, RegExp(`^${unit}`)])),
  ['packages above flows', /^packages\/(training|data|doctor|pytorch|queue|mpi|records)\//],
  ['packages', /^packages\//],
  ['apps', /^apps\//],
  ['plugins', /^plugins\//],
  ['everything', /^/],
];
/** @param {readonly string[]} cells */
const line = ([title, ...cells]) => `${title.padEnd(32)}${cells.map((cell) => cell.padStart(10)).join('')}`;
console.log(`\n${line(['lines', 'src files', 'src', 'other', 'tests'])}`);
for (const [title, paths] of groups) {
  const own = all.filter(([path]) => paths.test(path));
  const src = own.filter(([path]) => /^\w+\/[^/]+\/src\//.test(path));
  const tests = own.filter(([path]) => /\/test\//.test(path));
  const [inAll, inSrc, inTests] = [own, src, tests].map((files) => matches(files, /\n/g));
  const counts = [src.length, inSrc, inAll - inSrc - inTests, inTests];
  console.log(line([title, ...counts.map((count) => count.toLocaleString('en-US'))]));
}
