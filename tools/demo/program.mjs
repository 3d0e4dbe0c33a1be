// `npm run measure -- playground`: size and speed of the playground.
import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'playground',
  about: 'Size and speed of the playground in Chromium, from a production build, beside the command line.',
  options: { runs: { value: 5, help: 'visits, and turns of page and command line' } },
  jobs: () => [{ job: 'playground' }],
  run: async (_job, { values: { runs }, say }) => (await import('./measure.mjs')).measurePlayground(runs, say),
  pages: ([record]) => ({ 'docs/playground.md': playgroundTexts(record) }),
};

/**
 * Returns the measured parts of docs/playground.md.
 *
 * @param {any} record
 */
const playgroundTexts = (record) => {
  const { runs, firstPaintMs, firstStepMs, scriptsGzip, scriptsLaterGzip } = record;
  const { longTasks, frames, stepsPerSecond, memory } = record;
  const [before, after] = memory;
  /**
   * @param {number} a
   * @param {number} b
   */
  const growth = (a, b) =>
    `${(a / 2 ** 20).toFixed(1)} to ${(b / 2 ** 20).toFixed(1)} MiB (${b >= a ? '+' : ''}${(100 * (b / a - 1)).toFixed(1)} %)`;
  const rows = [
    ['first paint, empty caches', `${firstPaintMs.toFixed(0)} ms`, 'median of the visits'],
    ['first training step, from the request of the page', `${(firstStepMs / 1000).toFixed(2)} s`, 'with `#play=1`'],
    [
      'scripts loaded until the first training step, gzip',
      `${(scriptsGzip / 1000).toFixed(0)} kB`,
      'of page and workers; without the .wasm files',
    ],
    [
      'scripts loaded until five seconds after the first step, gzip',
      `${(scriptsLaterGzip / 1000).toFixed(0)} kB`,
      'with the chart of losses and the diagram of a block',
    ],
    [
      'tasks of the main thread above 50 ms, in 20 s of training',
      String(longTasks.length),
      longTasks.length === 0 ? '' : `the longest ${Math.max(...longTasks).toFixed(0)} ms`,
    ],
    [
      'time between frames in these 20 s',
      `${frames.median.toFixed(1)} ms`,
      `95 % within ${frames.p95.toFixed(1)} ms, the longest ${frames.worst.toFixed(0)} ms`,
    ],
    ['steps per second, 6 blocks of 128-128, batch 256: the page', stepsPerSecond.page.toFixed(1), 'pictures included'],
    [
      'steps per second of this training on the command line, one worker',
      stepsPerSecond.node.toFixed(1),
      `ratio ${stepsPerSecond.ratio.toFixed(2)}`,
    ],
    [
      `JavaScript heap of the page, steps ${before.step} to ${after.step}`,
      growth(before.bytes, after.bytes),
      'after a garbage collection; `apps/demo/test/browser/smooth.test.ts` measures the workers',
    ],
  ];
  return {
    from: `${measuredBy('playground', [record])} Medians of ${runs} visits or turns.`,
    playground: tableText(['', '', ''], rows),
  };
};
