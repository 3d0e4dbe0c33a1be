// `node tools/structure/count.mjs [REVISION]`: how the code reads, in numbers, of the working tree or of a revision.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';

const [revision] = process.argv.slice(2);
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const names = git(...(revision === undefined ? ['ls-files'] : ['ls-tree', '-r', '--name-only', revision])).trim().split('\n');

/** The text of every file with one of these endings, by path. */
const filesOf = (...endings) => names.filter((name) => endings.some((ending) => name.endsWith(ending))).map((name) => [
  name, revision === undefined ? readFileSync(name, 'utf8') : git('show', `${revision}:${name}`),
]);
const code = filesOf('.ts', '.tsx', '.mts', '.mjs');
const sources = code.filter(([name]) => /\/src\//.test(name));

const lines = code.flatMap(([, text]) => text.split('\n'));
const longer = (width) => lines.filter((line) => line.length > width).length;
const matches = (files, pattern) => files.reduce((sum, [, text]) => sum + (text.match(pattern)?.length ?? 0), 0);

const importStatements = code.flatMap(([, text]) => text.match(/^import[^;]*?;/gm) ?? []);

/** The relative imports of each source, type imports included. */
const known = new Set(sources.map(([name]) => name));
const imports = new Map(sources.map(([name, text]) => [
  name,
  [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path]) => posix.join(dirname(name), path)).filter((path) => known.has(path)),
]));

/** Files that import each other, directly or through others: the strongly connected components of more than one file. */
const circles = () => {
  const found = [];
  const [index, low, stack, onStack] = [new Map(), new Map(), [], new Set()];
  const visit = (name) => {
    index.set(name, index.size);
    low.set(name, index.get(name));
    stack.push(name);
    onStack.add(name);
    for (const next of imports.get(name)) {
      if (!index.has(next)) visit(next);
      if (onStack.has(next)) low.set(name, Math.min(low.get(name), low.get(next)));
    }
    if (low.get(name) !== index.get(name)) return;
    const circle = stack.splice(stack.lastIndexOf(name));
    for (const member of circle) onStack.delete(member);
    if (circle.length > 1) found.push(circle);
  };
  for (const name of imports.keys()) if (!index.has(name)) visit(name);
  return found.toSorted((a, b) => b.length - a.length);
};
const found = circles();

const rows = [
  ['lines of code, tests and tools', lines.length],
  ['longest line', Math.max(...lines.map((line) => line.length))],
  ['lines above 120 columns', longer(120)],
  ['lines above 160 columns', longer(160)],
  ['lines above 200 columns', longer(200)],
  ['docstrings and comments that begin with "Of"', matches(code, /(\/\*\*|^\s*\*|\/\/) Of /gm)],
  ['aliased imports', importStatements.reduce((sum, statement) => sum + (statement.match(/\w+ as \w+/g)?.length ?? 0), 0)],
  ['double casts in sources', matches(sources, /as unknown as/g)],
  ['public members without a docstring', matches(filesOf('.api.md'), /\(undocumented\)/g)],
  ['circles of files', found.length],
  ['files in the largest circle', found[0]?.length ?? 0],
];
const width = Math.max(...rows.map(([what]) => what.length));
for (const [what, count] of rows) console.log(`${what.padEnd(width)}  ${count.toLocaleString('en-US').padStart(9)}`);
for (const circle of found) console.log(`circle: ${circle.toSorted().join(', ')}`);
