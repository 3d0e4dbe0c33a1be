// Vitest: all quick projects, or what the arguments say. A path filters files, as in `node tools/vitest.mjs packages/core`.
// Tests in a browser run where Chromium is; where it is not, the run says so. IMPFLOW_BROWSER=required makes that a failure.
import { spawnSync } from 'node:child_process';
import { chromium } from './chromium.mjs';

const args = process.argv.slice(2);
const quick = ['unit', 'parity', 'browser'];
const named = args.flatMap((arg, i) => (arg === '--project' ? [args[i + 1]] : arg.startsWith('--project=') ? [arg.slice(10)] : []));
const wanted = named.length === 0 ? quick : named;

const missing = wanted.includes('browser') && chromium() === undefined;
const NONE = 'no Chromium was found. Install one (Debian: apt-get install chromium), or set CHROME_PATH.';
if (missing && (process.env.IMPFLOW_BROWSER === 'required' || named.includes('browser'))) {
  console.error(`[vitest] The tests in a browser cannot run: ${NONE}`);
  process.exit(1);
}
const notice = missing ? `NOT RUN: the tests in a browser, test/browser of packages: ${NONE}` : '';
const projects = named.length > 0 ? [] : quick.filter((name) => !missing || name !== 'browser').flatMap((name) => ['--project', name]);
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...projects, ...args], { stdio: 'inherit', env: { ...process.env, IMPFLOW_NOTICE: notice } });
process.exit(status ?? 1);
