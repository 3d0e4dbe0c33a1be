import { wasm } from '@impflow/backend-wasm';
import { testContraction } from '@impflow/testkit';
import { graph, spatialLag } from '../spatial.mjs';

/** A graph: a ring of five nodes with one chord. */
const RING = {
  ids: [0, 1, 2, 3, 4],
  edges: [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [0, 4],
    [1, 3],
  ],
} as const;

testContraction({ name: 'a spatial lag', make: () => spatialLag(graph(RING), 0.6), backends: [wasm()] });
