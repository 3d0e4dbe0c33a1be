// `node tools/docs/blocks.mjs [PATHS]`: runs the code blocks of all documents, or only of documents whose path contains
// one of the given words. See blocks/extract.mjs for the marks.
import { pathToFileURL } from 'node:url';
import { blocksOf, documents } from './blocks/extract.mjs';
import { runPage } from './blocks/page.mjs';
import { programsOf, typeErrors, writePrograms } from './blocks/programs.mjs';

/** @import { BlockResult } from './blocks/page.mjs' */

const AT_ONCE = 2;

/**
 * Runs the blocks. Returns all results, in the order of the documents.
 *
 * @param {object} [options]
 * @param {readonly string[]} [options.words] Only documents whose path contains one of these words are run. Default:
 * all documents.
 * @param {(page: readonly BlockResult[]) => void} [options.say] Called for each page.
 */
export const runBlocks = async ({ words = [], say = () => {} } = {}) => {
  const pages = documents()
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .map(blocksOf)
    .filter((blocks) => blocks.length > 0);
  const programs = pages.flatMap(programsOf);
  await writePrograms(programs);
  const errors = typeErrors();
  const byBlock = new Map(programs.map((program) => [program.block, program]));
  /** @type {(readonly BlockResult[])[]} */
  const results = pages.map(() => []);
  let next = 0;
  const worker = async () => {
    while (next < pages.length) {
      const i = next++;
      results[i] = await runPage(pages[i], byBlock, errors);
      say(results[i]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results.flat();
};

/** @param {BlockResult} result */
export const inWords = ({ block: { path, line, language }, outcome, detail, seconds }) =>
  `${outcome.padEnd(9)} ${`${seconds.toFixed(1)} s`.padStart(7)}  ${path}:${line} ${language}${detail === '' ? '' : `  ${detail.replaceAll('\n', '\n             ')}`}`;

/**
 * Returns a line with the number of blocks for each outcome.
 *
 * @param {readonly BlockResult[]} results
 */
export const summary = (results) =>
  ['ran', 'looked at', 'not run', 'not here', 'failed']
    .map((outcome) => `${results.filter((result) => result.outcome === outcome).length} ${outcome}`)
    .join(', ');

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const begun = performance.now();
  const results = await runBlocks({
    words: process.argv.slice(2),
    say: (page) => {
      for (const result of page) console.log(inWords(result));
    },
  });
  console.log(`${results.length} blocks: ${summary(results)}; ${((performance.now() - begun) / 1000).toFixed(0)} s.`);
  process.exit(results.some(({ outcome }) => outcome === 'failed') ? 1 : 0);
}
