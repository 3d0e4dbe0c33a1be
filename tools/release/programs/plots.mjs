// Draws the pairwise marginals of two normal samples as a PNG.
import { key, normals } from '@impflow/core';
import { pairsPlot } from '@impflow/plots';

const cells = (seed) => normals(key(seed), 300),
  columns = ['a', 'b', 'c'].map((name, i) => ({ name, data: cells(i), samples: cells(i + 3) })),
  png = pairsPlot({ columns }),
  header = new DataView(png.buffer, png.byteOffset);
console.log(`a picture of ${header.getUint32(16)} by ${header.getUint32(20)} pixels`);
process.exitCode = header.getUint32(0) === 0x89504e47 ? 0 : 1;
