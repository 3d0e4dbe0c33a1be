// Draws the pairwise marginals of two normal samples as a PNG.
import { key, normals } from '@impflow/core';
import { pairsPlot } from '@impflow/plots';

const [data, samples] = [0, 1].map((seed) => Float32Array.from(normals(key(seed), 900))),
  png = pairsPlot({ columns: ['a', 'b', 'c'], data, samples }),
  header = new DataView(png.buffer, png.byteOffset);
console.log(`a picture of ${header.getUint32(16)} by ${header.getUint32(20)} pixels`);
process.exitCode = header.getUint32(0) === 0x89504e47 ? 0 : 1;
