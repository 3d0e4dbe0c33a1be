import { hutchPlusPlus } from './hutch-plus-plus.ts';

/** What `impflow --plugin` looks for. */
export const impflow: { readonly logDet: { readonly 'hutch++': typeof hutchPlusPlus } } = { logDet: { 'hutch++': hutchPlusPlus } };
