// `node tools/structure/count.mjs [REVISION]`: how the code reads, in numbers, of the working tree or of a revision.
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
 * The text of every file with one of these endings, by path.
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
  ['longest line', Math.max(...lines.map((line) => line.length))],
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
];
const width = Math.max(...rows.map(([what]) => what.length));
for (const [what, count] of rows) console.log(`${what.padEnd(width)}  ${count.toLocaleString('en-US').padStart(9)}`);
for (const circle of found) console.log(`circle: ${circle.join(', ')}`);
