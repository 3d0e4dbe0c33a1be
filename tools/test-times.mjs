// `npm run test:times [-- ARGUMENTS OF VITEST]`: runs the tests, and then lists the test files by their processor
// seconds, which shows slow files. Tests that run in a page are not counted.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLines } from './json-lines.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'impflow-times-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const times = join(folder, 'times.jsonl');
const { status } = spawnSync(process.execPath, [join(root, 'tools/vitest.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, IMPFLOW_TEST_TIMES: times },
});
const files = readLines(times).sort((a, b) => b.seconds - a.seconds);
const total = files.reduce((sum, { seconds }) => sum + seconds, 0);
console.log('\nprocessor seconds by test file');
for (const { file, seconds } of files.slice(0, 40))
  console.log(`${seconds.toFixed(1).padStart(7)}  ${relative(root, file)}`);
console.log(`${total.toFixed(0).padStart(7)}  all ${files.length} files`);
process.exit(status ?? 1);
