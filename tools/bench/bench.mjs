// `npm run bench`: kernels against TensorFlow.js's own, training steps and sampling against the faster of PyTorch and
// JAX, side by side. `npm run setup:rivals` installs these.
//   --only REGEX     only rows whose name matches
//   --quick          fewer repetitions
//   --weights FILE   sample from this checkpoint of a toy model, instead of training one
//   --json           the results as one JSON object on the last line
//   --markdown FILE  the results as a page
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareKernels } from './compare-kernels.mjs';
import { compareLayers } from './compare-layers.mjs';
import { compareProducts } from './compare-products.mjs';
import { compareProfiles } from './compare-profiles.mjs';
import { compareSampling } from './compare-sampling.mjs';
import { compareTraining } from './compare-training.mjs';
import { machine, versions } from './machine.mjs';
import { findRivals, HOW_TO_INSTALL } from './python.mjs';
import { asMarkdown, asText } from './report.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    weights: { type: 'string' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'string' },
  },
});

const started = performance.now();
/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[bench] ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
const python = findRivals();
if (python === undefined) say(HOW_TO_INSTALL);
const pattern = new RegExp(values.only);
/** @type {import('./rows.mjs').Options} */
const options = {
  wanted: (name) => pattern.test(name),
  only: values.only,
  quick: values.quick,
  weights: values.weights,
  python,
  say,
};

const kernels = await compareKernels(options);
const products = await compareProducts(options);
const layers = await compareLayers(options);
const trained = await compareTraining({ ...options, peak: kernels.peak });
const sampled = await compareSampling(options);
const profiles = await compareProfiles({ ...options, peak: kernels.peak });
/** @type {import('./report.mjs').Report} */
const report = {
  machine: machine(),
  versions: {
    ...versions(),
    pytorch: python?.versions.pytorch ?? null,
    jax: python?.versions.jax ?? null,
    kernels: kernels.build,
  },
  results: [...kernels.results, ...layers.results, ...trained.results, ...sampled.results],
  peak: kernels.peak,
  products,
  evaluations: trained.evaluations,
  roundTrips: sampled.roundTrips,
  profiles,
};
say('done');
console.log(asText(report));
if (values.markdown !== undefined)
  writeFileSync(
    values.markdown,
    asMarkdown(
      report,
      new Date().toISOString().slice(0, 10),
      `${values.only === '' ? '' : `--only '${values.only}' `}--markdown ${values.markdown}`,
    ),
  );
if (values.json) console.log(JSON.stringify(report));
