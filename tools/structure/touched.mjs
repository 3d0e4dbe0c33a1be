// `node tools/structure/touched.mjs [--json] [--max-score 250] [--max-train 250] [--max-step 60] [--max-solve 20]`: counts the source
// files of the workspace whose functions run. With --json, the program also prints the files and the names of these
// functions. The limits apply to files outside the backends and their native kernels; if a limit is exceeded, the exit
// code is 1.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ranIn, ranInWindow } from './coverage.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    'max-score': { type: 'string', default: 'Infinity' },
    'max-train': { type: 'string', default: 'Infinity' },
    'max-step': { type: 'string', default: 'Infinity' },
    'max-solve': { type: 'string', default: 'Infinity' },
  },
});
const { json, ...limits } = values;
for (const [option, text] of Object.entries(limits)) {
  if (/^(\d+|Infinity)$/.test(text)) continue;
  console.error(`[touched] Wrong --${option}: expected a whole number, got "${text}".`);
  process.exit(2);
}

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const impflow = here('../../apps/trainer/bin/impflow.mjs');

/** Rows of a table with two columns of numbers: points around a parabola. */
const rows = Array.from({ length: 400 }, (_, i) => {
  const x = 2 * Math.sin(i);
  return `${x},${x * x + Math.cos(7 * i)}\n`;
});

const folder = mkdtempSync(join(tmpdir(), 'impflow-touched-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const [table, row, run] = ['table.csv', 'row.csv', 'run'].map((name) => join(folder, name));
writeFileSync(table, `x,y\n${rows.join('')}`);
writeFileSync(row, `x,y\n${rows[0]}`);
const train = ranIn([impflow, 'train', '--data', table, '--seconds', '3', '--out', run]);
const score = ranIn([impflow, 'score', run, row]);
const step = ranInWindow(here('training-step.mjs'));
const solve = ranInWindow(here('solve-call.mjs'));
const results = [
  { name: 'score', what: 'impflow score RUN ROW.csv: one row, the whole process', ran: score },
  { name: 'train', what: 'impflow train --data TABLE.csv --seconds 3: the whole process and its workers', ran: train },
  { name: 'step', what: 'step 20 of impflow train: zipcodes, preset toy, wasm, one worker', ran: step },
  { name: 'solve', what: 'call 21 of solve(cos, y0, { solver }): anderson() on wasm', ran: solve },
].map(({ name, what, ran }) => {
  const files = ran.filter(({ file }) => !/^packages\/(?:backend-|kernels-native\/)/.test(file));
  return { name, what, files, backend: ran.filter((one) => !files.includes(one)) };
});

if (json) console.log(JSON.stringify(results));
else console.log('files  of backends');
for (const { name, what, files, backend } of results) {
  const counts = `${`${files.length}`.padStart(5)}  ${`${backend.length}`.padStart(11)}`;
  if (!json) console.log(`${counts}  ${what}`);
  const limit = Number(limits[/** @type {keyof typeof limits} */ (`max-${name}`)]);
  if (files.length <= limit) continue;
  console.error(`[touched] Too many files, ${what}: expected at most ${limit} (--max-${name}), got ${files.length}.`);
  process.exitCode = 1;
}
