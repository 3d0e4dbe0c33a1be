import { dfSane } from './df-sane.ts';

/** The factories that `impflow --plugin` loads: the solver `df-sane`. */
export const impflow: { readonly solver: { readonly 'df-sane': typeof dfSane } } = { solver: { 'df-sane': dfSane } };
