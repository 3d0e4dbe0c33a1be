// Preloaded into a run of the command line: writes the processor seconds of the whole process, all its threads, to the file of IMPFLOW_PROCESSOR_TIME when it ends.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.IMPFLOW_PROCESSOR_TIME;
if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(file, String((user + system) / 1e6));
  });
}
