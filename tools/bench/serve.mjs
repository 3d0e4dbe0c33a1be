// Runs the work of a measured program on request of the parent process (contender.mjs). After the warm-up, `serve`
// writes a JSON line of facts. For each input line with a number, `serve` runs this number of repetitions and writes a
// JSON line with their seconds. At the end of the input, `serve` writes a JSON line of counts.
import { createInterface } from 'node:readline';

/**
 * Serves repetitions until the end of the input.
 *
 * @param {object} contender
 * @param {import('./race.mjs').Racer['facts']} contender.facts
 * @param {() => unknown} contender.repeat Runs one repetition.
 * @param {() => Promise<object>} contender.conclude Returns the last line, and frees all resources.
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
 * Warms up by `times` repetitions. After `patience` seconds and at least two repetitions, the warm-up stops earlier.
 * Returns the seconds of the last repetition. V8 compiles a training step for about five seconds, and libraries start
 * their threads in the first repetition.
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
