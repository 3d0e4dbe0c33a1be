import { dfSane } from './df-sane.ts';

/** What `impflow --plugin @impflow/solver-df-sane` adds: factories by kind and name. */
export const impflow: { readonly solver: { readonly 'df-sane': typeof dfSane } } = { solver: { 'df-sane': dfSane } };
