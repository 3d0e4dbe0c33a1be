import { crossedSecant } from './crossed-secant.ts';

export { crossedSecant, type CrossedSecantState } from './crossed-secant.ts';

/** What `--plugin` brings. */
export const impflow: { readonly solver: { readonly 'crossed-secant': typeof crossedSecant } } = { solver: { 'crossed-secant': crossedSecant } };
