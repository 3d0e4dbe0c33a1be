// How many tasks a second one Redis passes on: tasks that compute nothing, submitted and worked on by one process each.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { queueRunner, startWorker } from '../../packages/queue/dist/index.js';

/** Tasks that the measurement submits. */
const TASKS = 10_000;

/**
 * Tasks per second with this many workers, each of which runs eight tasks at the same time.
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
