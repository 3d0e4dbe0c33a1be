import { inNode } from './platform.ts';

/**
 * Growth of the heap between two full garbage collections, in percent: with this value the heap grows to nine times its
 * size after the last collection. A full collection drops the optimized code of functions that have no live instance.
 * Programs on tfjs consist of closures that live for one operation. With its default limit, V8 would compile the
 * functions of a small model again every second.
 */
const GROWTH_PERCENT = 800;

/** Makes full garbage collections rare in all threads of this process. Does nothing outside Node. */
export const collectRarely = (): void => {
  if (inNode()) process.getBuiltinModule('node:v8').setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
};
