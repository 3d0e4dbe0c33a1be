// Finds the functions of this workspace that are called between two points of a program, by the precise coverage of V8.
import { existsSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @import { Profiler } from 'node:inspector' */

/**
 * The functions of one file that were called.
 *
 * @typedef {object} Called
 * @property {string} file
 * @property {readonly string[]} functions
 */

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Flags for the process: optimized code does not count functions that it inlines. */
export const FLAGS = ['--no-opt', '--no-maglev'];

/**
 * Starts counting. Call it before the modules of interest are imported, and run Node with {@link FLAGS}. Each call of
 * the result returns the functions called since the previous call, by file: `[{ file, functions }]`, sorted by path.
 */
export const callCounter = () => {
  const session = new Session();
  session.connect();
  /**
   * A session on its own thread answers before `post` returns.
   *
   * @param {string} method
   * @param {object} [params]
   * @returns {object}
   */
  const post = (method, params) => {
    /** @type {{ error: Error | null; result: object | undefined }} */
    const answer = { error: null, result: undefined };
    session.post(method, params, (error, result) => Object.assign(answer, { error, result }));
    if (answer.result === undefined)
      throw new Error(`[structure/calls] ${method} failed: ${answer.error?.message ?? 'no answer'}.`);
    return answer.result;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return () => {
    const taken = /** @type {Profiler.TakePreciseCoverageReturnType} */ (post('Profiler.takePreciseCoverage'));
    return called(taken.result);
  };
};

/**
 * @param {readonly Profiler.ScriptCoverage[]} scripts
 * @returns {readonly Called[]}
 */
const called = (scripts) =>
  scripts
    .flatMap(({ url, functions }) => {
      const place = placeOf(url);
      if (place === undefined) return [];
      const code = readFileSync(place.compiled, 'utf8');
      const names = functions
        .filter((one) => ran(one, code))
        .map(
          ({ functionName, ranges: [{ startOffset }] }) =>
            functionName || `line ${lineOf(place.compiled, code, startOffset)}`,
        );
      return names.length === 0 ? [] : [{ file: place.source, functions: [...new Set(names)] }];
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1));

/**
 * Maps a compiled file to its source: `dist` mirrors `src`. Undefined for third-party code, generated code and tools.
 *
 * @param {string} url
 */
const placeOf = (url) => {
  if (!url.startsWith('file:')) return undefined;
  const compiled = fileURLToPath(url);
  if (!compiled.startsWith(root)) return undefined;
  const [, unit, file] =
    /^((?:packages|plugins|apps)\/[^/]+)\/dist\/(.+)\.js$/.exec(compiled.slice(root.length).split(sep).join('/')) ?? [];
  if (unit === undefined) return undefined;
  const source = `${unit}/src/${file}.ts`;
  if (!existsSync(root + source))
    throw new Error(
      `[structure/calls] ${compiled} has no source: expected ${source}. Remove dist and run npm run setup.`,
    );
  return { compiled, source };
};

/**
 * Whether a function ran. The first range is the whole function, the others are blocks in it: an async function or a
 * generator that was resumed, not called, has counts in blocks only. The module itself is not counted as a function. A
 * function with an empty body has nothing to run.
 *
 * @param {Profiler.FunctionCoverage} coverage
 * @param {string} code
 */
const ran = ({ functionName, ranges: [whole, ...blocks] }, code) => {
  const { startOffset, endOffset } = whole;
  if (functionName === '' && startOffset === 0 && endOffset === code.length) return false;
  return (
    [whole, ...blocks].some(({ count }) => count > 0) &&
    !/^\([\w\s,]*\)\s*=>\s*\{\s*\}$/.test(code.slice(startOffset, endOffset))
  );
};

/**
 * Line of the source, from 1.
 *
 * @param {string} compiled
 * @param {string} code
 * @param {number} offset
 */
const lineOf = (compiled, code, offset) => {
  const before = code.slice(0, offset).split('\n');
  const entry = new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8'))).findEntry(
    before.length - 1,
    before[before.length - 1].length,
  );
  return 'originalLine' in entry ? entry.originalLine + 1 : NaN;
};
