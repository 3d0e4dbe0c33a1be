/**
 * Starts contenders one after the other and lets them repeat their work in turns, so that the medians of their
 * `seconds` are for the same state of the machine. Contenders that fail are left out and make the exit code 1.
 *
 * @returns a map from labels to `{ seconds, conclusion }`.
 */
export const race = async (starters, { quick, say }, what) => {
  const racers = new Set();
  const finished = new Map();
  /** @returns the result of `body`; undefined if it fails. */
  const attempt = async (body, racer) => {
    try {
      return await body();
    } catch (error) {
      say(error.message);
      process.exitCode = 1;
      racer?.kill();
      racers.delete(racer);
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

/** Number of consecutive repetitions: about a second. */
const turns = ({ seconds }, quick) => Math.min(20, Math.max(quick ? 1 : 2, Math.round(1 / seconds)));
