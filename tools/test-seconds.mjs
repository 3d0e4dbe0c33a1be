// Set-up of each test file in `npm run test:times`. After the tests of a file, it appends their processor seconds to
// the file that IMPFLOW_TEST_TIMES names. Child processes that have ended are included.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

/** Number of ticks per second in /proc (Linux). */
const TICKS = 100;

/** Returns the processor seconds of this process so far. On Linux the seconds of child processes that have ended count too. */
const seconds = () => {
  if (!existsSync('/proc/self/stat')) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  // The second field is the name of the program in parentheses, which may contain spaces.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  // The fields are the user and system time of the process, then the user and system time of its children.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
};

const { IMPFLOW_TEST_TIMES: times } = process.env;
const before = seconds();
afterAll(() => {
  if (times === undefined) return;
  const file = expect.getState().testPath;
  appendFileSync(times, `${JSON.stringify({ file, seconds: Number((seconds() - before).toFixed(2)) })}\n`);
});
