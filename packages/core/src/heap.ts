import { inNode } from './platform.ts';

/**
 * Growth of the heap between two full garbage collections, in percent: to nine times its size after the last one. A
 * full collection drops the optimized code of functions that have no live instance. Programs on tfjs consist of
 * closures that live for one operation. With V8's own limit a small model would be compiled again every second.
 */
const GROWTH_PERCENT = 800;

/** Makes full garbage collections rare in this process, all its threads included. Does nothing outside Node. */
export const collectRarely = (): void => {
  if (inNode()) process.getBuiltinModule('node:v8').setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
};
