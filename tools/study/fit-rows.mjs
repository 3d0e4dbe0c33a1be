// Fits a table by `fit`, scores fresh rows and draws samples, in a separate process: node tools/study/fit-rows.mjs
// JSON, where JSON is a `FitRows` of fitted.mjs. The last line of the output has the measurements as JSON.
import { data, impflow } from '../bench/library.mjs';
import { writeNumbers } from './places.mjs';

/** Returns the processor seconds of this process so far, with all threads. */
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** @param {string | number} value */
const cell = (value) => (Number.isNaN(value) ? null : value);
/** @param {string} file */
const rowsOf = async (file) => {
  const table = await data.readFrame(file);
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(table.columns.map(({ name, texts, numbers }) => [name, cell(texts?.[row] ?? numbers[row])])),
  );
};

/** @type {import('./fitted.mjs').FitRows} */
const { train, fresh, scores, options, save, draws = [], pValues = false } = JSON.parse(process.argv[2]);
/** @type {[step: number, seconds: number, nats: number][]} */
let curve = [];
/** Rows and seconds of the steps of all trainings, without validations. */
const stepping = { rows: 0, seconds: 0 };
const begin = performance.now();
const model = await impflow.fit(train, {
  ...options,
  onEvent: (event) => {
    // If a second training starts with the mixture as base, only the curve of the second training is kept.
    if (event.kind === 'start') curve = [];
    if (event.kind !== 'step') return;
    if (event.validation === undefined) {
      stepping.rows += event.rows;
      stepping.seconds += event.seconds;
    } else curve.push([event.step, (performance.now() - begin) / 1000, event.validation.nats]);
  },
});
const seconds = (performance.now() - begin) / 1000;
const trained = processorSeconds();
const found = model.score(await rowsOf(fresh));
const scored = processorSeconds();
writeNumbers(
  scores,
  found.map(({ logDensity }) => logDensity),
);
const drawn = [];
for (const { given, count, seed } of draws) {
  const from = performance.now();
  const { given: names = [] } = options;
  const rows = (await rowsOf(given)).flatMap((row) =>
    model.sample(count, { seed, given: Object.fromEntries(names.map((name) => [name, row[name]])) }),
  );
  drawn.push({ rows, seconds: (performance.now() - from) / 1000 });
}
if (save !== undefined) await model.save(save, { force: true });
const { heldOut, steps, bestStep, won, parameters, time, remarks } = model.report;
console.log(
  JSON.stringify({
    nats: heldOut.nats,
    steps,
    bestStep,
    won,
    parameters,
    unconverged: found.filter(({ converged }) => !converged).length,
    seconds,
    time,
    stepSeconds: stepping.seconds,
    rowsPerSecond: stepping.rows / stepping.seconds,
    remarks,
    processorSeconds: trained,
    scoringProcessorSeconds: scored - trained,
    curve,
    ...(draws.length === 0 ? {} : { drawn }),
    ...(pValues ? { pValues: found.map(({ pValue }) => cell(pValue)) } : {}),
  }),
);
model.dispose();
