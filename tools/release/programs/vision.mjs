// A file of images in the format of MNIST, and a density that is trained on them for a few steps.
import { writeFileSync } from 'node:fs';
import { key, uniforms } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { fitImages, loadImages } from '@impflow/vision';

const [count, side] = [300, 4];
const header = new DataView(new ArrayBuffer(16));
[0x803, count, side, side].forEach((value, i) => header.setUint32(4 * i, value));
const pixels = Uint8Array.from(uniforms(key(0), count * side * side), (u, i) => (i % 2 === 0 ? 60 : 180) + 40 * u);
writeFileSync('stripes-images-idx3-ubyte', Buffer.concat([new Uint8Array(header.buffer), pixels]));
const end = await fitImages(await loadImages('stripes-images-idx3-ubyte'), {
  registries: builtInRegistries,
  steps: 5,
  scales: 1,
  blocks: 1,
  denseBlocks: 0,
  hidden: [4, 4],
});
const { bitsPerDim } = end.report.heldOut;
console.log(`${bitsPerDim.mean.toFixed(2)} bits per dimension; ${end.model.sample(2, { seed: 1 }).count} samples`);
process.exitCode = Number.isFinite(bitsPerDim.mean) ? 0 : 1;
