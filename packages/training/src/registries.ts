import { registry, type Registry } from '@impflow/core';
import { adam, adamW } from './adam.ts';
import { adamax } from './adamax.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** Optimizers by name: `adam`, `adamW`, `adamax`, `sgd`. Command lines and specs use these names. */
export const optimizers: Registry<Optimizer> = registry<Optimizer>('optimizer', { adam, adamW, adamax, sgd }, [
  'init',
  'update',
]);
