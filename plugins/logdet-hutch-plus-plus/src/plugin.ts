import { hutchPlusPlus } from './hutch-plus-plus.ts';

/** The factories that `impflow --plugin` loads: the estimator `hutch++`. */
export const impflow: { readonly logDet: { readonly 'hutch++': typeof hutchPlusPlus } } = {
  logDet: { 'hutch++': hutchPlusPlus },
};
