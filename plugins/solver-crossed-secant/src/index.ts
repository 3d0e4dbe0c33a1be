import { crossedSecant } from './crossed-secant.ts';

export { crossedSecant, type CrossedSecantState } from './crossed-secant.ts';

/** The factories that `impflow --plugin` loads: the solver `crossed-secant`. */
export const impflow: { readonly solver: { readonly 'crossed-secant': typeof crossedSecant } } = {
  solver: { 'crossed-secant': crossedSecant },
};
