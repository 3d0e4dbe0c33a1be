/**
 * Medians of visits, unless it says otherwise.
 *
 * @typedef {object} PlaygroundMeasurements
 * @property {ReturnType<typeof import('../bench/machine.mjs').machine>} machine
 * @property {ReturnType<typeof import('../bench/machine.mjs').versions> & { chromium: string }} versions
 * @property {string} date
 * @property {number} runs
 * @property {number} firstPaintMs
 * @property {number} firstStepMs
 * @property {number} scriptsGzip Bytes; the largest of the visits.
 * @property {number} scriptsLaterGzip The same five seconds later.
 * @property {readonly number[]} longTasks Milliseconds of each.
 * @property {{ count: number; median: number; p95: number; worst: number }} frames Milliseconds.
 * @property {{ page: number; node: number; ratio: number }} stepsPerSecond
 * @property {readonly { step: number; bytes: number }[]} memory
 */

/**
 * The page docs/playground.md from the measurements.
 *
 * @param {PlaygroundMeasurements} measurements
 */
export const playgroundReport = ({
  machine,
  versions,
  date,
  runs,
  firstPaintMs,
  firstStepMs,
  scriptsGzip,
  scriptsLaterGzip,
  longTasks,
  frames,
  stepsPerSecond,
  memory,
}) => {
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
      'scripts loaded by then, gzip',
      `${(scriptsGzip / 1000).toFixed(0)} kB`,
      'of page and workers; without the .wasm files',
    ],
    [
      'scripts loaded five seconds later, gzip',
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
      'the same on the command line, one worker',
      stepsPerSecond.node.toFixed(1),
      `ratio ${stepsPerSecond.ratio.toFixed(2)}`,
    ],
    [
      `JavaScript heap of the page, steps ${before.step} to ${after.step}`,
      growth(before.bytes, after.bytes),
      'after a garbage collection; `apps/demo/test/browser/smooth.test.ts` measures the workers',
    ],
  ];
  const from =
    `On ${machine.cores} cores of ${machine.cpu}, Chromium ${versions.chromium}, Node ${versions.node}, ${date}, ` +
    `${versions.impflow}; medians of ${runs} visits or turns. \`npm run demo:measure\` writes this page.`;
  return `# The playground, measured

${from}

| | | |
| --- | --- | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
};
