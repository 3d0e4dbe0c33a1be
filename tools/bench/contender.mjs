// Starts a program that uses serve.mjs in a child process, and requests repetitions of its work.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts a program that is measured (a contender) and waits until it has warmed up.
 *
 * @param {string} label
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<import('./race.mjs').Racer>}
 * @throws if the program ends early; the message contains its last output.
 */
export const contend = async (label, command, args, env = process.env) => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints = (complaints + text).slice(-2000);
  });
  // If the child has died, `next` reports it at the end of the output, so an error of this write is ignored.
  child.stdin.on('error', () => {});
  /** @type {Promise<undefined>} */
  const failed = new Promise((resolve) => {
    child.on('error', (error) => {
      complaints += error.message;
      resolve(undefined);
    });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const answer = await Promise.race([lines.next(), failed]);
    if (answer === undefined || answer.done)
      throw new Error(
        `[bench/contender] ${label} ended early: expected a line of JSON, got the end of its output. ${essence(complaints)}`,
      );
    return JSON.parse(answer.value);
  };
  /** @type {number[]} */
  const seconds = [];
  const facts = await next();
  return {
    label,
    facts,
    seconds,
    /**
     * Runs `count` repetitions and adds their times to `seconds`. Before them, one repetition runs that is not timed:
     * it restores caches, clock frequency and compiled code after a pause.
     */
    run: async (count) => {
      child.stdin.write(`${count + 1}\n`);
      seconds.push(...(await next()).seconds.slice(1));
    },
    /** Closes the input of the contender, reads its last line, and ends it. */
    end: async () => {
      child.stdin.end();
      const conclusion = await next();
      child.kill();
      return conclusion;
    },
    kill: () => {
      child.kill();
    },
  };
};

/**
 * Returns the message of a failure without its stack trace.
 *
 * @param {string} complaints
 */
const essence = (complaints) =>
  complaints
    .split('\n')
    .filter((line) => /\S/.test(line) && !/^\s+(at|throw)\s|^\s*\^|^Node\.js v/.test(line))
    .slice(-6)
    .join(' ')
    .slice(-800);
