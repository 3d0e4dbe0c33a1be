import { inNode } from './platform.ts';

/**
 * How much the heap may grow between two full collections: nine times what the last one left. V8 forgets optimised code of
 * functions of which no instance lives when it collects all. A program on tfjs consists of closures that live for one
 * operation: with V8's own limits a small model is collected, and compiled again, every second.
 */
const GROWTH_PERCENT = 800;

/** Makes full collections rare in this process, all its threads included. Elsewhere than in Node: nothing. */
export const collectRarely = (): void => {
  if (inNode()) process.getBuiltinModule('node:v8').setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
};
