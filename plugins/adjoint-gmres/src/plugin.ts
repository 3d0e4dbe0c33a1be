import { gmres } from './gmres.ts';

/** What `impflow --plugin @impflow/adjoint-gmres` adds: factories by kind and name. */
export const impflow: { readonly adjoint: { readonly gmres: typeof gmres } } = { adjoint: { gmres } };
