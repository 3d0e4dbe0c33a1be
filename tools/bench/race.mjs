import { messageOf } from '../message-of.mjs';

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

/** @typedef {ReadonlyMap<string, { seconds: readonly number[]; conclusion: Conclusion }>} Racers */

/**
 * Starts contenders one after the other and lets them repeat their work in turns, so that the medians of their
 * `seconds` are for the same state of the machine. Contenders that fail are left out and make the exit code 1.
 *
 * @param {readonly Starter[]} starters
 * @param {{ quick: boolean; say: (what: string) => void }} options
 * @param {string} what
 * @returns {Promise<Racers>} by label.
 */
export const race = async (starters, { quick, say }, what) => {
  /** @type {Set<Racer>} */
  const racers = new Set();
  /** @type {Map<string, { seconds: readonly number[]; conclusion: Conclusion }>} */
  const finished = new Map();
  /**
   * The result of `body`; undefined if it fails.
   *
   * @template T
   * @param {() => Promise<T>} body
   * @param {Racer} [racer]
   * @returns {Promise<T | undefined>}
   */
  const attempt = async (body, racer) => {
    try {
      return await body();
    } catch (error) {
      say(messageOf(error));
      process.exitCode = 1;
      if (racer !== undefined) {
        racer.kill();
        racers.delete(racer);
      }
      return undefined;
    }
  };
  try {
    for (const start of starters) {
      const racer = await attempt(start);
      if (racer === undefined) continue;
      racers.add(racer);
      say(`${what}: ${racer.label} is warm, ${racer.facts.seconds.toFixed(3)} s each (${racer.facts.engine})`);
    }
    const rounds = quick ? 2 : 6;
    for (let round = 1; round <= rounds; round++) {
      say(`${what}: round ${round} of ${rounds}`);
      for (const racer of racers) await attempt(() => racer.run(turns(racer.facts, quick)), racer);
    }
    for (const racer of racers) {
      const conclusion = await attempt(() => racer.end(), racer);
      if (conclusion !== undefined) finished.set(racer.label, { seconds: racer.seconds, conclusion });
    }
  } finally {
    for (const racer of racers) racer.kill();
  }
  return finished;
};

/**
 * Number of consecutive repetitions: about a second.
 *
 * @param {{ seconds: number }} facts
 * @param {boolean} quick
 */
const turns = ({ seconds }, quick) => Math.min(20, Math.max(quick ? 1 : 2, Math.round(1 / seconds)));
