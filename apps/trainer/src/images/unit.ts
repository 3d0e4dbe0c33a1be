import { bitsOf } from '@impflow/vision';
import type { Unit } from '../terminal/unit.ts';

/**
 * Bits per dimension, the unit in which losses of a density of images are shown. `dim` is the count of numbers in an
 * image.
 */
export const bitsUnit = (dim: number): Unit => ({ name: 'bits per dimension', perNat: bitsOf(1, dim) });
