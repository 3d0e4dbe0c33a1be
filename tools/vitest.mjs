// Runs vitest: all projects except `long`, or the projects that `--project` names. A path filters files, as in `node
// tools/vitest.mjs packages/core`. `--changed` runs the tests of files that have changed since the last commit. Tests
// in a browser need Chromium, the project `tensorflow` needs TensorFlow's own library, and the project `dawn` needs
// WebGPU in Node. At its end, the run prints which of these requirements is missing. The settings
// IMPFLOW_BROWSER=required, IMPFLOW_TENSORFLOW=required, IMPFLOW_DAWN=required and IMPFLOW_SERVICES=required make the
// run fail if the named requirement is missing.
import { spawnSync } from 'node:child_process';
import { chromiumPath } from '../packages/testkit/private/chromium.mjs';
import { whyNotDawn } from './dawn/installed.mjs';
import { messageOf } from './message-of.mjs';
import { whyNotTensorFlow } from './tensorflow/installed.mjs';

/**
 * A requirement of some projects.
 *
 * @typedef {object} Need
 * @property {boolean} here Whether this machine meets the requirement.
 * @property {boolean} required
 * @property {string} lacks The tests that cannot run otherwise, and what to do.
 */

const browser = () => {
  try {
    return chromiumPath();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
};
const hasBrowser = browser() !== undefined;
const withoutTensorFlow = whyNotTensorFlow();
/** @type {Need} */
const BROWSER = {
  here: hasBrowser,
  required: process.env.IMPFLOW_BROWSER === 'required',
  lacks:
    'the tests in a browser, WebGL and WebGPU among them: no Chromium was found. Install one (Debian: apt-get install chromium), or set CHROME_PATH.',
};
/** @type {Need} */
const TENSORFLOW = {
  here: withoutTensorFlow === undefined,
  required: process.env.IMPFLOW_TENSORFLOW === 'required',
  lacks: `the tests on TensorFlow's own library: ${withoutTensorFlow} (tools/tensorflow/README.md).`,
};
const withoutDawn = whyNotDawn();
/** @type {Need} */
const DAWN = {
  here: withoutDawn === undefined,
  required: process.env.IMPFLOW_DAWN === 'required',
  lacks: `the tests of WebGPU in Node: ${withoutDawn} (tools/dawn/README.md).`,
};
/**
 * The projects that run if no `--project` is given, and their requirements.
 *
 * @type {Readonly<Record<string, Need | undefined>>}
 */
const PROJECTS = {
  unit: undefined,
  alone: undefined,
  slow: undefined,
  parity: undefined,
  cli: undefined,
  workshop: undefined,
  browser: BROWSER,
  'in-browser': BROWSER,
  'no-graphics': BROWSER,
  tensorflow: TENSORFLOW,
  dawn: DAWN,
  services: undefined,
};

const args = process.argv.slice(2);
const named = args.flatMap((arg, i) =>
  arg === '--project' ? [args[i + 1]] : arg.startsWith('--project=') ? [arg.slice(10)] : [],
);
const wanted = named.length === 0 ? Object.keys(PROJECTS) : named;
const missing = [...new Set(wanted.flatMap((name) => PROJECTS[name] ?? []).filter(({ here }) => !here))];
const fatal = missing.filter(({ required }) => required || named.length > 0);
if (fatal.length > 0) {
  for (const { lacks } of fatal) console.error(`[vitest] Cannot run ${lacks}`);
  process.exit(1);
}
const projects =
  named.length > 0
    ? []
    : wanted.filter((name) => PROJECTS[name]?.here !== false).flatMap((name) => ['--project', name]);
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...projects, ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    // If no `--project` is given, all tests run, including the slow ones.
    ...(named.length === 0 ? { IMPFLOW_TESTS: 'all' } : {}),
    IMPFLOW_NOTICE: missing.map(({ lacks }) => `NOT RUN: ${lacks}`).join('\n'),
  },
});
process.exit(status ?? 1);
