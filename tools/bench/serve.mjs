// The child's side of a comparison. Writes one JSON line of facts once warm. For each input line with a number it runs
// that many repetitions and answers with a JSON line of their seconds. At the end of the input it writes one JSON line
// of counts.
import { createInterface } from 'node:readline';

/**
 * Serves repetitions until the end of the input.
 *
 * @param {object} contender
 * @param {import('./race.mjs').Racer['facts']} contender.facts
 * @param {() => unknown} contender.repeat Runs one repetition.
 * @param {() => Promise<object>} contender.conclude Returns the last line, and frees everything.
 */
export const serve = async ({ facts, repeat, conclude }) => {
  /** @param {object} message */
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  say(facts);
  for await (const line of createInterface({ input: process.stdin })) {
    const seconds = [];
    for (let i = Number(line); i > 0; i--) {
      const start = performance.now();
      await repeat();
      seconds.push((performance.now() - start) / 1000);
    }
    say({ seconds });
  }
  say(await conclude());
};

/**
 * Warms up by `times` repetitions. Stops earlier after `patience` seconds, but not before the second one. Returns the
 * seconds of the last repetition. V8 compiles a training step for about five seconds, and libraries start their threads in
 * the first repetition.
 *
 * @param {() => unknown} repeat
 * @param {number} times
 * @param {number} [patience]
 */
export const warmUp = async (repeat, times, patience = 8) => {
  const begin = performance.now();
  let last = 0;
  for (let i = 0; i < times && (i < 2 || (performance.now() - begin) / 1000 < patience); i++) {
    const start = performance.now();
    await repeat();
    last = (performance.now() - start) / 1000;
  }
  return last;
};
