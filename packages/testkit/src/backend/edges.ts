import type { Edge } from './edges/edge.ts';
import { functions } from './edges/functions.ts';
import { pairs } from './edges/pairs.ts';
import { rows } from './edges/rows.ts';
import { tensors } from './edges/tensors.ts';

/** Laws about special numbers, such as NaN and infinities. */
export const EDGES: readonly Edge[] = [...functions, ...pairs, ...tensors, ...rows];
