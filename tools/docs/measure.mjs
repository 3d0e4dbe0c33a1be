// `npm run docs:measure [-- PARTS] [--quick]`: measures the numbers and draws the figures of docs/guide on this
// machine. PARTS are solvers, estimators, figures; default all. Numbers go to docs/measured as JSON and between the
// markers of the pages, figures to docs/figures. Takes about five minutes on two cores; --quick takes one, and the
// pages say so.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wasm } from '../bench/library.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { drawFigures } from './figures/draw.mjs';
import { estimatorTables, measureEstimators } from './measure/estimators.mjs';
import { measureSolvers, solverTables } from './measure/solvers.mjs';

const PARTS = ['solvers', 'estimators', 'figures'];
const {
  values: { quick },
  positionals,
} = parseArgs({ options: { quick: { type: 'boolean', default: false } }, allowPositionals: true });
const unknown = positionals.find((part) => !PARTS.includes(part));
if (unknown !== undefined) {
  console.error(`[docs] Unknown part: expected some of ${PARTS.join(', ')}, got "${unknown}".`);
  process.exit(2);
}
const wanted = positionals.length === 0 ? PARTS : positionals;
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const begun = performance.now();
/** @param {string} what */
const say = (what) => console.error(`[docs] ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${what}`);

/**
 * Replaces the text between `<!-- measured: NAME -->` and `<!-- /measured -->` of a page.
 *
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
const write = (page, name, text) => {
  const before = readFileSync(page, 'utf8');
  const pattern = new RegExp(`(<!-- measured: ${name} -->\\n)[\\s\\S]*?(<!-- /measured -->)`);
  if (!pattern.test(before))
    throw new Error(
      `[docs] ${page} has no place for a table: expected <!-- measured: ${name} --> and <!-- /measured -->.`,
    );
  writeFileSync(
    page,
    before.replace(pattern, (_all, open, close) => `${open}\n${text}\n\n${close}`),
  );
};

/**
 * @template {object} T
 * @param {'solvers' | 'estimators'} name
 * @param {T} measured
 * @param {(measured: T) => string} tables
 */
const record = (name, measured, tables) => {
  const { cpu, cores } = machine();
  const { node, tfjs, impflow } = versions();
  const date = new Date().toISOString().slice(0, 10);
  const from =
    `\`npm run docs:measure -- ${name}${quick ? ' --quick' : ''}\` on ${date}: ${cores} cores of ${cpu}, ` +
    `one thread of wasm, Node ${node}, tfjs ${tfjs}, commit ${impflow}; medians of solves or steps in ` +
    'turns.' +
    (quick ? ' **A quick run of few repetitions: times may be off by a factor.**' : '');
  writeFileSync(
    `${docs}measured/docs-${name}.json`,
    `${JSON.stringify({ quick, date, machine: machine(), versions: versions(), ...measured }, null, 1)}\n`,
  );
  write(
    `${docs}guide/choosing-${name === 'solvers' ? 'a-solver' : 'an-estimator'}.md`,
    name,
    `${tables(measured)}\n\n${from}`,
  );
};

await wasm().start();
if (wanted.includes('solvers')) record('solvers', measureSolvers({ quick, say }), solverTables);
if (wanted.includes('estimators')) record('estimators', measureEstimators({ quick, say }), estimatorTables);
if (wanted.includes('figures')) await drawFigures({ folder: `${docs}figures`, say });
say('done');
