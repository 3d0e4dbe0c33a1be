// `node tools/structure/mutants.mjs --out FILE`: measures whether the tests of a package detect a fault in its code.
// Changes one place of a source file at a time: a sign, a bound, a number by one, or a dropped term. Runs the tests of
// its package as `npm test` does until the first failure, and restores the file, also after Ctrl-C. The seed and the
// sources determine the places.
//   --tree FOLDER     the tree whose files are changed and tested (this one); it must be set up
//   --like FOLDER     only lines that occur once in the same file of both trees, so that both trees get the same faults
//   --projects NAMES  projects of vitest, separated by commas (unit,alone,parity)
//   --seed N          (1)
//   --count N         places in all, taken from the packages in turn (50)
//   --out FILE        JSON lines, one for each place; existing lines are not run again
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readLines } from '../json-lines.mjs';

const { values } = parseArgs({
  options: {
    tree: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    like: { type: 'string' },
    projects: { type: 'string', default: 'unit,alone,parity' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    out: { type: 'string', default: 'mutants.jsonl' },
  },
});
const tree = resolve(values.tree);
const like = values.like === undefined ? tree : resolve(values.like);

/** @type {readonly (readonly [kind: string, pattern: RegExp, into: (...found: string[]) => string])[]} */
const FAULTS = [
  ['sign', / ([+-]) /g, (_, sign) => ` ${sign === '+' ? '-' : '+'} `],
  ['bound', / (<=?|>=?) /g, (_, sign) => ` ${sign.length === 1 ? `${sign}=` : sign[0]} `],
  ['off by one', /(?<=[-+*/[( ])(\d+)(?=[)\],; ])/g, (_, number) => String(Number(number) + 1)],
  ['dropped term', / [+*] [\w.]+(?=[),;\]])/g, () => ''],
];

/** @typedef {{ name: string; file: string; line: number; kind: string; before: string; after: string }} Place */

/**
 * Returns a function that returns random numbers from 0 to 1, which depend only on the seed (xorshift32).
 *
 * @param {number} seed
 */
const numbers = (seed) => {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** @param {string} folder */
const sourcesOf = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort();

/**
 * Returns every place in a package where a fault can be made.
 *
 * @param {string} name
 * @returns {Place[]}
 */
const placesOf = (name) =>
  sourcesOf(join(tree, 'packages', name, 'src')).flatMap((path) => {
    const file = join('packages', name, 'src', path);
    if (!existsSync(join(like, file))) return [];
    const [lines, others] = [tree, like].map((each) => readFileSync(join(each, file), 'utf8').split('\n'));
    /** @param {readonly string[]} all @param {string} line */
    const once = (all, line) => all.indexOf(line) !== -1 && all.indexOf(line) === all.lastIndexOf(line);
    return lines.flatMap((before, line) => {
      // Tests cannot detect changes of comments, messages, imports and types, so these lines are skipped.
      if (/^\s*(\/?\*|\/\/|import |export (type|interface)|readonly )|['"`]|=> [A-Z]|<[A-Z]/.test(before)) return [];
      if (!once(lines, before) || !once(others, before)) return [];
      return FAULTS.flatMap(([kind, pattern, into]) =>
        [...before.matchAll(pattern)].map((found) => ({
          name,
          file,
          line: line + 1,
          kind,
          before: before.trim(),
          after: before.slice(0, found.index) + into(...found) + before.slice(found.index + found[0].length),
        })),
      );
    });
  });

/** @param {Place} place */
const key = ({ file, kind, before, after }) => [file, kind, before, after.trim()].join(' | ');

/** @param {string} folder */
const hasUnitTests = (folder) => existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.test.ts'));

/** For each package that both trees have, its places, in an order that does not depend on line numbers. */
const packages = readdirSync(join(tree, 'packages'))
  .filter((name) => [tree, like].every((each) => hasUnitTests(join(each, 'packages', name, 'test'))))
  .sort()
  .map((name) => placesOf(name).sort((a, b) => (key(a) < key(b) ? -1 : 1)))
  .filter((places) => places.length > 0);

const next = numbers(Number(values.seed));
/** @type {Place[]} */
const chosen = [];
const count = Math.min(Number(values.count), new Set(packages.flat().map(key)).size);
for (let i = 0; chosen.length < count; i++) {
  const places = packages[i % packages.length];
  // Every kind of fault is equally likely, even if it has few places.
  const kinds = [...new Set(places.map(({ kind }) => kind))].sort();
  const kind = kinds[Math.floor(next() * kinds.length)];
  const alike = places.filter((place) => place.kind === kind);
  const place = alike[Math.floor(next() * alike.length)];
  if (!chosen.includes(place)) chosen.push(place);
}

const done = readLines(values.out);
// Because of this listener, Ctrl-C ends only the tests, and this program then restores the file.
process.on('SIGINT', () => {});
for (const place of chosen) {
  if (done.some((each) => each.key === key(place))) continue;
  const path = join(tree, place.file);
  const original = readFileSync(path, 'utf8');
  const began = performance.now();
  const changed = original.split('\n');
  changed[place.line - 1] = place.after;
  writeFileSync(path, changed.join('\n'));
  const { status, signal } = (() => {
    try {
      const projects = values.projects.split(',').flatMap((project) => ['--project', project]);
      const args = ['tools/vitest.mjs', ...projects, '--bail', '1', '--reporter', 'dot', `packages/${place.name}/`];
      return spawnSync(process.execPath, args, { cwd: tree, timeout: 300_000, stdio: 'ignore' });
    } finally {
      writeFileSync(path, original);
    }
  })();
  if (signal === 'SIGINT') process.exit(130);
  const caught = status !== 0;
  const seconds = Math.round((performance.now() - began) / 1000);
  appendFileSync(values.out, `${JSON.stringify({ key: key(place), ...place, caught, seconds })}\n`);
  console.error(
    `[mutants] ${caught ? 'caught' : 'MISSED'} ${place.file}:${place.line} ${place.kind}: ${place.after.trim()}`,
  );
}
const all = readLines(values.out);
console.log(`${all.filter(({ caught }) => caught).length} of ${all.length} faults caught`);
