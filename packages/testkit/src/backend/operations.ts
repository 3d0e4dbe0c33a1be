import { arrangement } from './operations/arrangement.ts';
import type { Case } from './operations/case.ts';
import { conversions } from './operations/conversions.ts';
import { elementwise } from './operations/elementwise.ts';
import { products } from './operations/products.ts';
import { reductions } from './operations/reductions.ts';

/**
 * The operations of tfjs that the packages of ImpFlow use. The gradients also run the kernels that only gradients use.
 * All functions are smooth at the inputs; the laws in `edges.ts` cover points at which a function is not smooth.
 */
export const OPERATIONS: Readonly<Record<string, readonly Case[]>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...arrangement,
  ...conversions,
};
