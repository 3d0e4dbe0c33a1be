import { expect, it } from 'vitest';
import { inWords, runBlocks, summary } from '../../../tools/docs/blocks.mjs';

/**
 * Largest allowed number of code blocks that are marked as not run. Raise it only for a good reason. Blocks that are
 * skipped because this machine lacks a program do not count. Of the marked blocks, eight need Redis or mpirun, and one
 * serves a page until it is stopped.
 */
const NOT_RUN = 20;

it('every code block of the documentation runs', async () => {
  const results = await runBlocks();
  const of = (outcome: string): readonly string[] =>
    results.filter((result) => result.outcome === outcome).map(inWords);
  console.log([`${results.length} blocks: ${summary(results)}.`, ...of('not run'), ...of('not here')].join('\n'));
  expect(of('failed')).toEqual([]);
  expect(results.length).toBeGreaterThan(40);
  expect(of('not run').length).toBeLessThanOrEqual(NOT_RUN);
});
