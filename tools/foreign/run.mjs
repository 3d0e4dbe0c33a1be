// `npm run test:foreign`: runs all tests of @tensorflow/tfjs-core on @impflow/backend-wasm and on the backend of
// TensorFlow.js that it extends, in separate processes. Exits with 1 if a test fails on @impflow/backend-wasm but not
// on the backend of TensorFlow.js, if a failure has no reason in expected.mjs, or if a reason matches no failure.
//   --only WORDS   only tests whose name contains WORDS; the lists are then not compared
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { EXPECTED } from './expected.mjs';

const {
  values: { only },
} = parseArgs({ options: { only: { type: 'string' } } });
const folder = fileURLToPath(new URL('../../node_modules/.cache/foreign', import.meta.url));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
/** @param {string} what */
const say = (what) => console.error(`[foreign] ${what}`);

/**
 * Runs the tests. Resolves to `{ [name]: what went wrong, or '' }`.
 *
 * @param {string} program
 * @param {'relaxed' | 'stock'} simd
 * @returns {Promise<Readonly<Record<string, string>>>}
 */
const run = (program, simd) =>
  new Promise((resolve, reject) => {
    const file = `${folder}/${simd}.json`;
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, IMPFLOW_FOREIGN: JSON.stringify({ simd, file, only }) },
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-2000);
    });
    child.on('close', (code) =>
      code === 0
        ? resolve(JSON.parse(readFileSync(file, 'utf8')))
        : reject(new Error(`The tests on ${simd} ended with ${code}: ${said}`)),
    );
  });

const started = performance.now();
const program = await bundle(folder);
const [ours, stock] = await Promise.all([run(program, 'relaxed'), run(program, 'stock')]);
/** @param {Readonly<Record<string, string>>} results */
const failed = (results) => Object.keys(results).filter((name) => results[name] !== '');
/** @param {string} name */
const reasonOf = (name) => EXPECTED.find(({ fails }) => fails.test(`${name}: ${ours[name]}`));

const worse = failed(ours).filter((name) => stock[name] === '');
const unexplained = failed(ours).filter((name) => stock[name] !== '' && reasonOf(name) === undefined);
const stale =
  only === undefined ? EXPECTED.filter((reason) => !failed(ours).some((name) => reasonOf(name) === reason)) : [];
for (const name of worse) say(`fails on ours alone: ${name}: ${ours[name]}`);
for (const name of unexplained) say(`fails without a reason in expected.mjs: ${name}: ${ours[name]}`);
for (const { why } of stale) say(`a reason covers no failure: ${why}`);

for (const reason of EXPECTED)
  console.log(
    `${String(failed(ours).filter((name) => reasonOf(name) === reason).length).padStart(4)} fail: ${reason.why}`,
  );
const better = failed(stock).filter((name) => ours[name] === '');
console.log(
  `${Object.keys(ours).length} tests of @tensorflow/tfjs-core: ${failed(ours).length} fail on @impflow/backend-wasm, ${failed(stock).length} on @tensorflow/tfjs-backend-wasm; ` +
    `${worse.length} on ours alone, ${better.length} on the stock backend alone. ${((performance.now() - started) / 1000).toFixed(0)} s.`,
);
process.exit(worse.length + unexplained.length + stale.length === 0 ? 0 : 1);
