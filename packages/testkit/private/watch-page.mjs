// Opens a page in Chromium, collects its output, and measures the durations of the tasks of its thread.

/** @import { Browser } from 'playwright' */

/**
 * Observations of a page.
 *
 * @typedef {object} Watched
 * @property {readonly string[]} lines Printed lines.
 * @property {readonly string[]} complaints Warnings and errors.
 * @property {readonly string[]} requests URLs that the page loaded.
 * @property {number} busiest Duration of the longest task before the first line, in milliseconds of CPU time of the
 * thread. The time of other programs is not included.
 * @property {readonly number[]} longTasks Durations of the tasks above 50 ms before the first line, in milliseconds
 * of wall time, as the page measures them. On a busy machine these durations include the time of other programs.
 */

/**
 * Watches a page until it has printed a line that begins with `last`.
 *
 * @param {Browser} browser
 * @param {string} address
 * @param {string} last
 * @returns {Promise<Watched>}
 */
export const watchPage = async (browser, address, last) => {
  const page = await browser.newPage();
  await page.addInitScript(watchTasks);
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  /** @type {Promise<void>} */
  const ended = new Promise((resolve, reject) => {
    page.on('console', (message) => {
      (['error', 'warning'].includes(message.type()) ? complaints : lines).push(message.text());
      if (message.text().startsWith(last)) resolve();
    });
    page.on('pageerror', reject);
  });
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await page.goto(address);
  await ended;
  // The last task is reported after it has ended.
  await page.waitForTimeout(100);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const longTasks = await page.evaluate('longTasks()');
  await page.close();
  return {
    lines,
    complaints,
    requests,
    longTasks: /** @type {number[]} */ (longTasks),
    busiest: busiestOf(traceEvents),
  };
};

/**
 * This function runs in the page, before the scripts of the page. The duration of a task counts only up to the first
 * printed line, which may be in the middle of the task.
 */
const watchTasks = () => {
  /** @type {PerformanceEntry[]} */
  const seen = [];
  let until = Infinity;
  new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
  const { log } = console;
  console.log = (...line) => {
    if (until === Infinity) until = performance.mark('first line').startTime;
    log(...line);
  };
  const longTasks = () =>
    seen
      .map(({ startTime, duration }) => Math.min(duration, until - startTime))
      .filter((milliseconds) => milliseconds > 50);
  Object.assign(globalThis, { longTasks });
};

/**
 * An event of a trace of Chromium. Times are in microseconds; `tts` and `tdur` are the start and the duration in CPU
 * time of the thread.
 *
 * @typedef {{ name: string; ph: string; pid: number; tid: number; tts: number; tdur?: number }} TraceEvent
 */

/** @param {readonly TraceEvent[]} events */
const busiestOf = (events) => {
  const mark = events.find(({ name }) => name === 'first line');
  if (mark === undefined) throw new Error('[watch-page] The trace does not show the first line of the page.');
  const tasks = events.filter(
    ({ name, ph, pid, tid, tts }) =>
      ph === 'X' && name.endsWith('RunTask') && pid === mark.pid && tid === mark.tid && tts < mark.tts,
  );
  if (tasks.length === 0) throw new Error('[watch-page] The trace shows no task of the page.');
  return Math.max(...tasks.map(({ tts, tdur = 0 }) => Math.min(tdur, mark.tts - tts) / 1000));
};
