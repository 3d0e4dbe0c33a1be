// Runs commands of the trainer as processes, and measures their seconds and the memory of each process.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchMemory } from './memory.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'apps/trainer/bin/impflow.mjs');

/** @typedef {{ name: string; peak: number }} Peak Memory of a process, in megabytes. */
/** @typedef {{ seconds: number; said: string; told: string; processes: readonly Peak[]; sum: number }} Ended */

/**
 * Runs a command of `impflow` and waits for its end.
 *
 * @param {readonly string[]} args
 * @returns {Promise<Ended>}
 */
export const impflow = async (args) => {
  const began = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const memory = watchMemory(Number(child.pid));
  let [said, told] = ['', ''];
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    told += String(chunk);
  });
  const code = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  const seconds = (performance.now() - began) / 1000;
  const { processes, sum } = memory.stop();
  if (code !== 0) throw new Error(`impflow ${args.join(' ')} ended with ${code}: ${said}`);
  return { seconds, said, told, processes, sum };
};

/**
 * Starts a worker of a queue, and resolves when the worker takes tasks.
 *
 * @param {string} url
 * @param {string} folder Root folder that its tasks may use.
 */
export const startWorker = async (url, folder) => {
  const child = spawn(process.execPath, [program, 'worker', '--queue', url, '--root', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const memory = watchMemory(Number(child.pid));
  const ended = new Promise((resolve) => {
    child.on('close', resolve);
  });
  await new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Taking tasks')) resolve(undefined);
    });
    child.on('close', () => reject(new Error(said)));
  });
  return {
    /** Ends the worker, and returns the peak memory of its processes. */
    stop: async () => {
      const { processes } = memory.stop();
      child.kill('SIGTERM');
      await ended;
      return processes;
    },
  };
};
