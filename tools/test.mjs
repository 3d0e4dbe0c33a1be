// `npm test`: runs static checks, the tests that need only Node, parity with the published implementation, and, if a
// browser is found, three tests in it. nx runs two tasks at a time, and replays the output of tasks whose inputs have
// not changed. Arguments are passed to nx: `npm test -- --skip-nx-cache`. `npm run test:all` runs all tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const args = [
  'run-many',
  '-t',
  'check',
  'test',
  'smoke',
  '--parallel=2',
  '--output-style=static',
  ...process.argv.slice(2),
];
const nx = spawn(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args], {
  stdio: ['ignore', 'pipe', 'inherit'],
  // nx tests two packages at a time, each with one worker.
  env: { ...process.env, NX_DAEMON: 'false', VITEST_MAX_WORKERS: '1' },
});
const closed = once(nx, 'close');
const counts = [0, 0, 0];
for await (const line of createInterface({ input: nx.stdout })) {
  const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line.trim());
  if (closing === null) console.log(line);
  else for (const [i, count] of closing.slice(1).entries()) counts[i] += Number(count);
}
const [passed, failed, skipped] = counts;
console.log(
  '`npm run test:all` also tests the command line, pages, the library of TensorFlow, generators and documentation.',
);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
const [status] = await closed;
process.exitCode = status ?? 1;
