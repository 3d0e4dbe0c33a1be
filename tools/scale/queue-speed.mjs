// Measures the tasks per second that one Redis passes on. The tasks do not compute. One process submits the tasks, and
// worker processes run them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { queueRunner, startWorker } from '../../packages/queue/dist/index.js';

/** Number of tasks that the measurement submits. */
const TASKS = 10_000;

/**
 * Returns the tasks per second with the given number of workers, each of which runs eight tasks at the same time.
 *
 * @param {string} url
 * @param {number} workers
 */
export const tasksPerSecond = async (url, workers) => {
  const queue = `empty-${workers}`;
  const processes = Array.from({ length: workers }, () => fork(import.meta.filename, [url, queue]));
  await Promise.all(processes.map((one) => once(one, 'message')));
  const runner = await queueRunner({ url, queue });
  const began = performance.now();
  await Promise.all(Array.from({ length: TASKS }, (_, i) => runner.run({ i, part: { file: '/data/table.parquet' } })));
  const seconds = (performance.now() - began) / 1000;
  await runner.close();
  for (const one of processes) one.kill();
  return TASKS / seconds;
};

if (process.send !== undefined && process.argv[2]?.startsWith('redis')) {
  const [, , url, queue] = process.argv;
  await startWorker({ url, queue, concurrency: 8, handler: async () => ({ rows: 1 }) });
  process.send('ready');
}
