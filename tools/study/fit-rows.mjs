// Fits a table by `fit` and scores other rows by the model, in a process of its own:
//   node tools/study/fit-rows.mjs '{"train":FILE,"fresh":FILE,"scores":FILE,"options":{…}}'
// Writes the log-densities, one per line, and prints the held-out nats and the numbers of steps as JSON.
import { data, impflow } from '../bench/library.mjs';
import { writeNumbers } from './places.mjs';

/** @param {string | number} value */
const cell = (value) => (Number.isNaN(value) ? null : value);

const { train, fresh, scores, options } = JSON.parse(process.argv[2]);
const model = await impflow.fit(train, { workers: 1, ...options });
const table = await data.readFrame(fresh);
const rows = Array.from({ length: table.rows }, (_, row) =>
  Object.fromEntries(table.columns.map(({ name, texts, numbers }) => [name, cell(texts?.[row] ?? numbers[row])])),
);
writeNumbers(
  scores,
  model.score(rows).map(({ logDensity }) => logDensity),
);
const { heldOut, steps, bestStep, won } = model.report;
console.log(JSON.stringify({ nats: heldOut.nats, steps, bestStep, won }));
model.dispose();
