import { bitsOf } from '@impflow/vision';
import type { Unit } from '../terminal/unit.ts';

/** Bits per dimension: the unit of the losses of a density of images of `dim` numbers. */
export const bitsUnit = (dim: number): Unit => ({ name: 'bits per dimension', perNat: bitsOf(1, dim) });
