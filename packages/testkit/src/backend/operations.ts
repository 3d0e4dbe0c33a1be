import { arrangement } from './operations/arrangement.ts';
import type { Case } from './operations/case.ts';
import { conversions } from './operations/conversions.ts';
import { elementwise } from './operations/elementwise.ts';
import { products } from './operations/products.ts';
import { reductions } from './operations/reductions.ts';

/**
 * The operations that the packages use, this package included. The gradients run the kernels that only gradients use.
 * The inputs are points where the functions are smooth; the laws of edges cover other points.
 */
export const OPERATIONS: Readonly<Record<string, readonly Case[]>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...arrangement,
  ...conversions,
};
