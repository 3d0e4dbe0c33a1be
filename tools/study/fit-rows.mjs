// Fits a table by `fit` and scores other rows by the model, in a process of its own:
//   node tools/study/fit-rows.mjs '{"train":FILE,"fresh":FILE,"scores":FILE,"options":{…},"plugin":MODULE}'
// Writes the log-densities of the fresh rows, one per line, and prints what it measured as JSON on the last line.
import { data, impflow } from '../bench/library.mjs';
import { writeNumbers } from './places.mjs';

/** Processor seconds of this process so far, all threads included. */
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** @param {string | number} value */
const cell = (value) => (Number.isNaN(value) ? null : value);

const { train, fresh, scores, options, plugin } = JSON.parse(process.argv[2]);
/** @type {[step: number, seconds: number, nats: number][]} */
let curve = [];
const begin = performance.now();
const model = await impflow.fit(train, {
  workers: 1,
  ...options,
  ...(plugin === undefined ? {} : { plugins: [await import(plugin)] }),
  onEvent: (event) => {
    // A second training begins as the mixture: its curve is the curve.
    if (event.kind === 'start') curve = [];
    if (event.kind === 'step' && event.validation !== undefined)
      curve.push([event.step, (performance.now() - begin) / 1000, event.validation.nats]);
  },
});
const seconds = (performance.now() - begin) / 1000;
const trained = processorSeconds();
const table = await data.readFrame(fresh);
const rows = Array.from({ length: table.rows }, (_, row) =>
  Object.fromEntries(table.columns.map(({ name, texts, numbers }) => [name, cell(texts?.[row] ?? numbers[row])])),
);
const found = model.score(rows);
writeNumbers(
  scores,
  found.map(({ logDensity }) => logDensity),
);
const { heldOut, steps, bestStep, won, parameters, time } = model.report;
console.log(
  JSON.stringify({
    nats: heldOut.nats,
    steps,
    bestStep,
    won,
    parameters,
    unconverged: found.filter(({ converged }) => !converged).length,
    seconds,
    trainingSeconds: time.training,
    processorSeconds: trained,
    scoringProcessorSeconds: processorSeconds() - trained,
    curve,
  }),
);
model.dispose();
