import { webgl } from '@impflow/backend-webgl';
import { webgpu } from '@impflow/backend-webgpu';
import { drawUniform } from '@impflow/core';
import { columnMaps } from '@impflow/flows';
import { testBijector } from '@impflow/testkit';
import { testColumnMapEdges } from '../column-map-edges.ts';

// `testBijector` reads tensors synchronously. In a browser, WebGPU does not support synchronous reads, so the test runs
// only on WebGL.
testBijector({
  name: 'columnMaps',
  make: () =>
    columnMaps({
      maps: [
        { map: 'logit', lower: 0, upper: 1 },
        { map: 'log', lower: -1 },
        { map: 'identity' },
        { map: 'asinh', center: 0, scale: 1 },
      ],
    }),
  backends: [webgl()],
  input: (k, rows) => drawUniform(k, [rows, 4], 0.1, 0.9),
});
testColumnMapEdges(webgl());
testColumnMapEdges(webgpu());
