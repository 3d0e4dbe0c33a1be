// Tests pairs of tables by `model.drift`, in a separate process: node tools/drift/ours.mjs JSON, where JSON is a job of
// program.mjs. The last line of the output has the p-values as JSON.
import { impflow } from '../bench/library.mjs';
import { DRIFTS, pairOf, table } from './tables.mjs';

/** @type {import('./program.mjs').DriftJob} */
const { drift, size, first, pairs, rows } = JSON.parse(process.argv[2]);
const { cause } = DRIFTS[drift];
const model = await impflow.fit(table(5000, 1), { steps: 30, missing: 'drop', workers: 1 });
const begin = process.cpuUsage();
/** @type {{ pValue: number; shifts: number; ratio: number | undefined; stream: number; named: boolean }[]} */
const found = [];
for (let i = first; i < first + pairs; i++) {
  const pair = pairOf(i, rows, { drift, size });
  const {
    pValue,
    tests,
    stream,
    columns,
    pairs: related,
  } = await model.drift(pair.rows, { reference: pair.reference, alpha: 0.05, seed: i });
  const top = columns[0].pValue <= related[0].pValue ? [columns[0].column] : related[0].columns;
  found.push({ pValue, ...tests, stream: stream.pValue, named: top.join() === cause.join() });
  if (i % 10 === 9) console.error(`${drift} ${size}: ${i - first + 1} of ${pairs} pairs`);
}
const { user, system } = process.cpuUsage(begin);
console.log(JSON.stringify({ found, secondsEach: (user + system) / 1e6 / pairs, won: model.report.won }));
