import { median } from './statistics.mjs';

/**
 * A program that is measured (a contender), after its warm-up: see contender.mjs.
 *
 * @typedef {object} Racer
 * @property {string} label
 * @property {{ engine: string; seconds: number }} facts
 * @property {number[]} seconds Seconds of each repetition.
 * @property {(count: number) => Promise<void>} run
 * @property {() => Promise<Conclusion>} end
 * @property {() => void} kill
 */

/** @typedef {() => Promise<Racer>} Starter */

/**
 * The last line that a contender prints. The fields depend on its job.
 *
 * @typedef {object} Conclusion
 * @property {number} operations Number of operations in a repetition of products.
 * @property {Pick<import('./counting.mjs').Counts, 'forward' | 'products' | 'backward'>} [counts] Net evaluations of a
 * training.
 * @property {number} weights Number of weights of a net, for a training.
 * @property {Readonly<Record<string, number | null>>} solverSteps Mean number of solver steps of a training or of
 * sampling, by phase.
 * @property {{ max: number; rms: number }} roundTrip Errors of samples that are mapped to the base again.
 */

/** @typedef {Readonly<Record<string, Partial<Conclusion> & { median: number }>>} Racers By label. */

/**
 * Starts the contenders one after the other. The contenders then repeat their work in turns, so that a slow phase of
 * the machine affects the medians of all contenders.
 *
 * @param {readonly Starter[]} starters
 * @param {{ quick: boolean; say: (what: string) => void; turns?: number }} options `turns`: consecutive repetitions of
 * each contender, except contenders that only compute products. Default: the number of repetitions that takes about a
 * second.
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
 * Returns the number of consecutive repetitions that takes about a second.
 *
 * @param {{ seconds: number }} facts
 * @param {boolean} quick
 */
const turnsOfASecond = ({ seconds }, quick) => Math.min(20, Math.max(quick ? 1 : 2, Math.round(1 / seconds)));
