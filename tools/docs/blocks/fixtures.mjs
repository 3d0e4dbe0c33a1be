// Data files for the examples: a table of two related measurements and a category, the same with gaps, new rows with one
// anomaly, and a checkpoint of PyTorch.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './extract.mjs';

/**
 * Reproducible numbers in (0, 1): a linear congruential generator of 31 bits.
 *
 * @param {number} seed
 */
const generator = (seed) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return (seed + 0.5) / 2 ** 31;
};

/** @param {string} folder */
export const writeFixtures = (folder) => {
  const uniform = generator(7);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** @param {number} count */
  const rows = (count) =>
    Array.from({ length: count }, () => {
      const species = uniform() < 0.5 ? 0 : 1;
      const length = 5 + 2 * species + 0.5 * normal();
      return [length, 0.4 * length + 0.3 * Math.sin(3 * length) + 0.1 * normal(), species];
    });
  /** @param {readonly (readonly number[])[]} values */
  const csv = (values) =>
    `length,width,species\n${values.map(([length, width, species]) => `${length.toFixed(3)},${width.toFixed(3)},${species}`).join('\n')}\n`;
  writeFileSync(join(folder, 'measurements.csv'), csv(rows(600)));
  // Key names of the published implementation.
  cpSync(`${root}packages/pytorch/test/fixtures/toy_sin.pth`, join(folder, 'weights.pth'));
  writeFileSync(join(folder, 'new.csv'), csv([...rows(20), [5, 6, 0]]));
  const birds = rows(300).map(([length, width, species], i) => [
    i % 20 === 7 ? '' : length.toFixed(3),
    i % 20 === 13 ? '' : width.toFixed(3),
    i % 30 === 3 ? '' : ['Adelie', 'Gentoo'][species],
  ]);
  writeFileSync(join(folder, 'birds.csv'), `length,width,species\n${birds.map((row) => row.join(',')).join('\n')}\n`);
};
