// Trains a density of striped images for a few steps.
import { key, uniforms } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { fitImages } from '@impflow/vision';

const pixels = Uint8Array.from(uniforms(key(0), 300 * 16), (u, i) => (i % 2 === 0 ? 60 : 180) + 40 * u);
const end = await fitImages(
  { all: { shape: [4, 4, 1], count: 300, pixels, source: 'stripes' } },
  { registries: builtInRegistries, steps: 5, scales: 1, blocks: 1, denseBlocks: 0, hidden: [4, 4] },
);
const { mean } = end.report.heldOut.bitsPerDim;
console.log(`${mean.toFixed(2)} bits per dimension; ${end.model.sample(2, { seed: 1 }).count} samples`);
process.exitCode = Number.isFinite(mean) ? 0 : 1;
