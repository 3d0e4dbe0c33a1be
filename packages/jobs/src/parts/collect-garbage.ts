import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Collects all garbage: tens of milliseconds. The backend makes collections rare (`collectRarely` of core), which is right
 * for training; the cells of a table would stay for many times their size.
 */
export const collectGarbage = (): void => collect();
