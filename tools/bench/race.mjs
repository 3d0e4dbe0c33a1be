import { median } from './statistics.mjs';

/**
 * A contender that is warm: see contender.mjs.
 *
 * @typedef {object} Racer
 * @property {string} label
 * @property {{ engine: string; seconds: number }} facts
 * @property {number[]} seconds Times of its repetitions.
 * @property {(count: number) => Promise<void>} run
 * @property {() => Promise<Conclusion>} end
 * @property {() => void} kill
 */

/** @typedef {() => Promise<Racer>} Starter */

/**
 * The last line of a contender. Each job gives the fields that it has.
 *
 * @typedef {object} Conclusion
 * @property {number} operations Of products.
 * @property {Pick<import('./counting.mjs').Counts, 'forward' | 'products' | 'backward'>} [counts] Of training.
 * @property {number} weights Of training.
 * @property {Readonly<Record<string, number | null>>} solverSteps Of training and sampling, by phase.
 * @property {{ max: number; rms: number }} roundTrip Of sampling.
 */

/** @typedef {Readonly<Record<string, Partial<Conclusion> & { median: number }>>} Racers By label. */

/**
 * Starts contenders one after the other and lets them repeat their work in turns, so that the medians of their seconds
 * are for the same state of the machine.
 *
 * @param {readonly Starter[]} starters
 * @param {{ quick: boolean; say: (what: string) => void; turns?: number }} options `turns`: consecutive repetitions of
 *   each contender that is not products alone; left out, as many as take about a second.
 * @returns {Promise<{ racers: Racers }>}
 * @throws if a contender fails.
 */
export const race = async (starters, { quick, say, turns }) => {
  /** @type {Racer[]} */
  const racers = [];
  try {
    for (const start of starters) {
      const racer = await start();
      racers.push(racer);
      say(`${racer.label} is warm, ${racer.facts.seconds.toFixed(3)} s each (${racer.facts.engine})`);
    }
    const rounds = quick ? 2 : 6;
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`);
      for (const racer of racers) {
        const own = racer.label.startsWith('products') ? undefined : turns;
        await racer.run(own ?? turnsOfASecond(racer.facts, quick));
      }
    }
    const found = [];
    for (const { label, seconds, end } of racers) found.push([label, { median: median(seconds), ...(await end()) }]);
    return { racers: Object.fromEntries(found) };
  } finally {
    for (const racer of racers) racer.kill();
  }
};

/**
 * Number of consecutive repetitions: about a second.
 *
 * @param {{ seconds: number }} facts
 * @param {boolean} quick
 */
const turnsOfASecond = ({ seconds }, quick) => Math.min(20, Math.max(quick ? 1 : 2, Math.round(1 / seconds)));
