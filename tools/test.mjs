// `npm test`: static checks, the tests that need Node alone, parity with the published implementation, and three tests
// in a browser where there is one. nx runs them, two at a time, and replays the output of those whose inputs have not
// changed. Arguments go to nx: `npm test -- --skip-nx-cache`. Everything else: `npm run test:all`.
import { spawn } from 'node:child_process';
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
  env: { ...process.env, NX_DAEMON: 'false' },
});
const counts = [0, 0, 0];
for await (const line of createInterface({ input: nx.stdout })) {
  const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line.trim());
  if (closing === null) console.log(line);
  else
    closing.slice(1).forEach((count, i) => {
      counts[i] += Number(count);
    });
}
const [passed, failed, skipped] = counts;
console.log(
  'Not among these: the command line, pages, native backends, generators, documentation. `npm run test:all` runs them too.',
);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = nx.exitCode ?? 1;
