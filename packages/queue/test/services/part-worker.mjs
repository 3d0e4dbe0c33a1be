// A worker in a separate process, which imports the compiled package: `node part-worker.mjs '{"url": …}'`. The process
// writes the events of the worker to standard output, one JSON value per line. SIGTERM ends the worker after its
// running tasks. SIGUSR2 puts the running tasks back into the queue.
import { fork } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlowError } from '@impflow/core';
import { startWorker } from '../../dist/index.js';

const { url, folder, lockMs, concurrency } = JSON.parse(process.argv[2] ?? '{}');
const script = fileURLToPath(new URL('part-process.mjs', import.meta.url));

/** @type {import('@impflow/core').TaskHandler<import('./harness.ts').PartTask, { part: number; worker: number }>} */
const handler = async (task, { signal }) => {
  await appendFile(join(folder, 'starts.log'), `${task.part}\n`);
  const child = fork(script);
  try {
    await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      child.once('message', resolve);
      child.once('exit', (code, name) =>
        reject(new FlowError('worker', 'test/part', 'The process ended', { got: String(name ?? code) })),
      );
      child.send(task);
    });
  } finally {
    child.kill('SIGKILL');
  }
  await appendFile(join(folder, 'ends.log'), `${task.part}\n`);
  return { part: task.part, worker: process.pid };
};

/** @param {unknown} event */
const tell = (event) => void process.stdout.write(`${JSON.stringify(event)}\n`);
const worker = await startWorker({ url, lockMs, concurrency, handler, onEvent: tell });
tell({ type: 'ready' });
process.on('SIGTERM', () => void worker.close().then(() => tell({ type: 'closed' })));
process.on('SIGUSR2', () => void worker.close({ giveBack: true }).then(() => tell({ type: 'closed' })));
