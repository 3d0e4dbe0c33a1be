// Finds the functions of this workspace that a program runs, by the precise coverage of V8 that Node.js writes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @import { Profiler } from 'node:inspector' */

/**
 * The functions of one file that ran.
 *
 * @typedef {object} Ran
 * @property {string} file Path of the source from the root of the workspace.
 * @property {readonly string[]} functions Names of the functions; `anonymous` for functions without a name.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs Node.js and returns the functions that ran in the process, its threads and its children, by file, sorted by path.
 *
 * @param {readonly string[]} args
 */
export const ranIn = (args) => byFile(reportsOf(args, '.json').flat());

/**
 * Returns the functions that ran in the main thread of a script between its first and its second call of `takeCoverage`
 * (`node:v8`). The script runs without optimization, because optimized code does not count functions that it inlines. A
 * measurement of a whole process does not need this, because V8 inlines only functions that have already run.
 *
 * @param {string} script
 */
export const ranInWindow = (script) => byFile(reportsOf(['--no-opt', '--no-maglev', script], '-0.json')[1]);

/**
 * Runs a program and returns its coverage reports. Reports of one thread are in the order of their times.
 *
 * @param {readonly string[]} args
 * @param {string} ending Ending of the file names, which have the form `coverage-PROCESS-TIME-THREAD.json`.
 * @returns {readonly (readonly Profiler.ScriptCoverage[])[]}
 */
const reportsOf = (args, ending) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-coverage-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    execFileSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 26 });
    const names = readdirSync(folder).filter((name) => name.endsWith(ending));
    return names.toSorted().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * @param {readonly Profiler.ScriptCoverage[]} scripts
 * @returns {readonly Ran[]}
 */
const byFile = (scripts) => {
  /** @type {Map<string, Set<string>>} */
  const names = new Map();
  for (const { url, functions } of scripts) {
    const file = sourceOf(url);
    if (file === undefined) continue;
    for (const one of functions)
      if (ran(one)) names.set(file, (names.get(file) ?? new Set()).add(one.functionName || 'anonymous'));
  }
  return [...names.keys()].toSorted().map((file) => ({ file, functions: [...(names.get(file) ?? [])] }));
};

/**
 * Returns the source file of a loaded file: `dist` mirrors `src`. Undefined for third-party code, generated code and
 * tools.
 *
 * @param {string} url
 */
const sourceOf = (url) => {
  if (!url.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  if (!path.startsWith(root)) return undefined;
  const file = path.slice(root.length).split(sep).join('/');
  if (!/^(packages|plugins|apps)\//.test(file) || /\/(node_modules|generated)\//.test(file)) return undefined;
  return file.replace(/^(\w+\/[^/]+)\/dist\/(.+)\.js$/, '$1/src/$2.ts');
};

/**
 * Returns whether a function ran. The first range is the whole function, and the other ranges are blocks inside it. An
 * async function or a generator that was only resumed has counts only for its blocks. The body of a module does not
 * count as a function.
 *
 * @param {Profiler.FunctionCoverage} coverage
 */
const ran = ({ functionName, ranges }) =>
  (functionName !== '' || ranges[0].startOffset > 0) && ranges.some(({ count }) => count > 0);
