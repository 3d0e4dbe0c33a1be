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
const rowsOf = async (file) => {
  const [a, b] = Object.values(await numbersOf(file));
  return Float32Array.from({ length: 2 * Math.min(DRAWS, a.length, SIZES.draws) }, (_, i) =>
    i % 2 === 0 ? a[i / 2] : b[(i - 1) / 2],
  );
};
writeFileSync(
  new URL('../../docs/figures/two-moons-posterior.png', import.meta.url),
  pairsPlot({
    columns: ['a', 'b'],
    data: await rowsOf(reference),
    samples: await rowsOf(join(folder, 'samples.csv')),
    title: 'Posterior of two moons',
  }),
);
