// Preloaded into the command line: when it ends, writes the processor seconds of the process, including all threads, to
// the file of IMPFLOW_PROCESSOR_TIME.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.IMPFLOW_PROCESSOR_TIME;
if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(file, String((user + system) / 1e6));
  });
}
