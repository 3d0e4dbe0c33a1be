// `node tools/tables/figure.mjs`: draws the picture of docs/guide/cookbook/simulator.md. The picture shows draws
// of the posterior of the first observation of two moons, from the measurement with seed 1, and draws of the reference
// posterior.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairsPlot } from '../../packages/plots/dist/index.js';
import { folderOf, numbersOf } from './places.mjs';
import { SIZES } from './posteriors.mjs';
import { python, SBIBM } from './python.mjs';

const DRAWS = 1000;
const folder = folderOf({ data: 'two-moons', method: 'impflow', seed: 1 });
const reference = join(folder, 'reference.csv');
await python('reference.py', [SBIBM.folder, 'two_moons', 1, DRAWS, reference]);

/** @param {string} file */
const columnsOf = async (file) =>
  Object.values(await numbersOf(file)).map((column) => column.slice(0, Math.min(DRAWS, SIZES.draws)));
const [data, samples] = [await columnsOf(reference), await columnsOf(join(folder, 'samples.csv'))];
writeFileSync(
  new URL('../../docs/figures/two-moons-posterior.png', import.meta.url),
  pairsPlot({
    columns: ['a', 'b'].map((name, i) => ({ name, data: data[i], samples: samples[i] })),
    names: { data: 'draws of the reference', samples: 'draws of the model' },
    title: 'Posterior of two moons',
  }),
);
