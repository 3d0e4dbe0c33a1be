import { gmres } from './gmres.ts';

/** The factories that `impflow --plugin` loads: the adjoint solver `gmres`. */
export const impflow: { readonly adjoint: { readonly gmres: typeof gmres } } = { adjoint: { gmres } };
