// Set-up of each test file in `npm run test:times`: appends the processor seconds of its process and of the processes
// that it has waited for to the file that IMPFLOW_TEST_TIMES names.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

/** Ticks of a second in /proc (Linux). */
const TICKS = 100;

/** Seconds so far: of children too where the system tells (Linux). */
const seconds = () => {
  if (!existsSync('/proc/self/stat')) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  // The name of the program comes second, between parentheses, and may hold spaces.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  // User and system time of the process, then of its children.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
};

const { IMPFLOW_TEST_TIMES: times } = process.env;
const before = seconds();
afterAll(() => {
  if (times === undefined) return;
  const file = expect.getState().testPath;
  appendFileSync(times, `${JSON.stringify({ file, seconds: Number((seconds() - before).toFixed(2)) })}\n`);
});
