// `npm run estimators`: compares roulette with `solved`: variance of the gradient times its cost, and nats after equal
// seconds. Writes docs/benchmarks-estimators.md.
//   --seconds N   per training (60)
//   --seeds N     trainings per estimator (2)
//   --report      only write the page again, from earlier measurements
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { machine, versions } from '../bench/machine.mjs';
import { lastJson } from '../last-json.mjs';
import { table } from '../markdown.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seeds: { type: 'string', default: '2' },
    report: { type: 'boolean', default: false },
  },
});
const started = performance.now();
/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[estimators] ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const stored = file('../../docs/measured/estimators.json');
/** Trained side by side, one on each core. */
const PAIR = ['roulette', 'solved'];

/**
 * A training with one estimator.
 *
 * @typedef {object} Raced
 * @property {string} job
 * @property {string} estimator
 * @property {number} seed
 * @property {number} steps
 * @property {string} unit
 * @property {number} heldOut
 * @property {number} standardError
 */

const race = async () => {
  /** @type {Raced[]} */
  const rows = [];
  for (const job of ['table', 'images']) {
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      say(`race: ${job}, seed ${seed}`);
      const found = await Promise.all(
        PAIR.map((estimator) =>
          promisify(execFile)(process.execPath, [file('racer.mjs'), job, estimator, String(seed), values.seconds]),
        ),
      );
      rows.push(...found.map(({ stdout }) => lastJson(stdout)));
    }
  }
  return { seconds: Number(values.seconds), rows };
};

if (!values.report) {
  const { variances } = await import('./variance.mjs');
  writeFileSync(
    stored,
    `${JSON.stringify({ machine: machine(), versions: versions(), date: new Date().toISOString().slice(0, 10), variance: await variances(say), race: await race() }, null, 1)}\n`,
  );
}
/**
 * @type {{
 *   machine: ReturnType<typeof machine>;
 *   versions: ReturnType<typeof versions>;
 *   date: string;
 *   variance: { steps: number; keys: number; rows: readonly import('./variance.mjs').Variance[] };
 *   race: { seconds: number; rows: readonly Raced[] };
 * }}
 */
const { machine: m, versions: v, date, variance, race: raced } = JSON.parse(readFileSync(stored, 'utf8'));
const NAMES = {
  table: '16 columns: mean gray levels of 7 x 7 pixels of the bundled digits; six blocks of 64-64',
  images: 'digits, 28 x 28: two scales of two blocks with 32-32 channels, two dense blocks',
};
writeFileSync(
  file('../../docs/benchmarks-estimators.md'),
  [
    '# Roulette and `solved`',
    '',
    `Written by \`npm run estimators\` on ${date}: ${m.cores} cores of ${m.cpu}, ${m.memoryGiB} GiB, Node ${v.node}, tfjs ${v.tfjs}, commit ${v.impflow}.`,
    '',
    '## Variance of the gradient',
    '',
    `The gradient of the training loss at one batch, after ${variance.steps} steps. Variance: the mean ` +
      `squared distance from the mean gradient over ${variance.keys} keys, relative to the squared norm of ` +
      'the mean gradient. Time: value and gradient, on one core.',
    ...Object.entries(NAMES).flatMap(([job, title]) => {
      const rows = variance.rows.filter((row) => row.job === job);
      const [{ work }] = rows;
      return [
        '',
        `${title}:`,
        ...table(
          ['estimator', 'variance', 'ms', 'variance x ms, relative to roulette'],
          rows.map((row) => [
            row.estimator,
            row.variance.toExponential(2),
            row.ms.toFixed(0),
            (row.work / work).toFixed(2),
          ]),
        ),
      ];
    }),
    '## Held-out loss after equal time',
    '',
    `Trainings of ${raced.seconds} s on one core each; both estimators run side by side. The learning ` +
      'rate falls by half a cosine over that time. Log-densities of the table are exact; those of images ' +
      'use the estimator of evaluation.',
    ...table(
      ['data', 'seed', 'estimator', 'steps', 'held out', 'unit'],
      raced.rows.map((row) => [
        row.job,
        row.seed,
        row.estimator,
        row.steps,
        `${row.heldOut.toFixed(3)} ± ${row.standardError.toFixed(3)}`,
        row.unit,
      ]),
    ),
  ]
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n'),
);
say('docs/benchmarks-estimators.md written');
