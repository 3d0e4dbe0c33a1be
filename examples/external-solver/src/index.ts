import { ironsTuck } from './irons-tuck.ts';

export { ironsTuck, type IronsTuckOptions, type IronsTuckState } from './irons-tuck.ts';

/** The export that `impflow train --plugin` and the playground read: factories by kind and name. */
export const impflow: { readonly solver: { readonly 'irons-tuck': typeof ironsTuck } } = {
  solver: { 'irons-tuck': ironsTuck },
};
