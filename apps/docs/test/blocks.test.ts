import { expect, it } from 'vitest';
import { inWords, runBlocks, summary } from '../../../tools/docs/blocks.mjs';

/** Blocks whose mark says why they are not run, at most: raise it with a reason. Those for which a machine lacks a program do not count. */
const NOT_RUN = 11;

it('every code block of the documentation runs', async () => {
  const results = await runBlocks();
  const of = (outcome: string): readonly string[] => results.filter((result) => result.outcome === outcome).map(inWords);
  console.log([`${results.length} blocks: ${summary(results)}.`, ...of('not run'), ...of('not here')].join('\n'));
  expect(of('failed')).toEqual([]);
  expect(results.length).toBeGreaterThan(40);
  expect(of('not run').length).toBeLessThanOrEqual(NOT_RUN);
});
