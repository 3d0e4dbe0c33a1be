// The parent's side of serve.mjs: one program, alive in a process of its own, that repeats its work when told.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Starts a contender and waits until it is warm. @throws where it ends before its time, with the last of what it said. */
export const contend = async (label, command, args, env = process.env) => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  let complaints = '';
  child.stderr.on('data', (text) => { complaints = (complaints + text).slice(-2000); });
  // A write to a child that has died shows as the end of its output.
  child.stdin.on('error', () => {});
  const failed = new Promise((resolve) => { child.on('error', (error) => { complaints += error.message; resolve(); }); });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const answer = await Promise.race([lines.next(), failed]);
    if (answer === undefined || answer.done) throw new Error(`[bench/contender] ${label} ended early: expected a line of JSON, got the end of its output. ${essence(complaints)}`);
    return JSON.parse(answer.value);
  };
  const seconds = [];
  const facts = await next();
  return {
    label, facts, seconds,
    /** `count` repetitions, whose times are added to `seconds`, after one that only brings back what a pause takes: caches, clocks, compiled code. */
    run: async (count) => {
      child.stdin.write(`${count + 1}\n`);
      seconds.push(...(await next()).seconds.slice(1));
    },
    /** Lets it conclude. */
    end: async () => {
      child.stdin.end();
      const conclusion = await next();
      child.kill();
      return conclusion;
    },
    kill: () => { child.kill(); },
  };
};

/** The message of a failure, without the stack below it. */
const essence = (complaints) => complaints.split('\n').filter((line) => /\S/.test(line) && !/^\s+(at|throw)\s|^\s*\^|^Node\.js v/.test(line)).slice(-6).join(' ').slice(-800);
