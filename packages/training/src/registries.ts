import { registry, type Registry } from '@impflow/core';
import { adam, adamW } from './adam.ts';
import { adamax } from './adamax.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** Registry of the optimizers `adam`, `adamW`, `adamax` and `sgd`. Command lines and specs use these names. */
export const optimizers: Registry<Optimizer> = registry<Optimizer>('optimizer', { adam, adamW, adamax, sgd }, [
  'init',
  'update',
]);
