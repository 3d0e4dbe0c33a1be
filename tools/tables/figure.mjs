// The picture of docs/guide/cookbook/simulator.md: draws of a posterior beside draws of the reference.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairsPlot } from '../../packages/plots/dist/index.js';
import { numbersOf } from './impflow.mjs';
import { folderOf } from './places.mjs';
import { SIZES } from './posteriors.mjs';
import { python, SBIBM } from './python.mjs';

const DRAWS = 1000;

/**
 * Draws the posterior of the first observation of two moons, from the draws of a measurement.
 *
 * @param {number} seed
 * @param {string} out
 */
export const drawPosterior = async (seed, out) => {
  const folder = folderOf({ data: 'two-moons', method: 'impflow', seed });
  const reference = join(folder, 'reference.csv');
  await python('reference.py', [SBIBM.folder, 'two_moons', '1', String(DRAWS), reference]);
  /** @param {string} file */
  const rows = (file) => {
    const [a, b] = Object.values(numbersOf(file));
    return Float32Array.from({ length: 2 * Math.min(DRAWS, a.length, SIZES.draws) }, (_, i) =>
      i % 2 === 0 ? a[i / 2] : b[(i - 1) / 2],
    );
  };
  writeFileSync(
    out,
    pairsPlot({
      columns: ['a', 'b'],
      data: rows(reference),
      samples: rows(join(folder, 'samples.csv')),
      title: 'Posterior of two moons',
    }),
  );
};
