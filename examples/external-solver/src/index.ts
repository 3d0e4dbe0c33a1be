import { ironsTuck } from './irons-tuck.ts';

export { ironsTuck, type IronsTuckOptions, type IronsTuckState } from './irons-tuck.ts';

/** What `impflow train --plugin` and the playground look for: factories by kind and name. */
export const impflow: { readonly solver: { readonly 'irons-tuck': typeof ironsTuck } } = {
  solver: { 'irons-tuck': ironsTuck },
};
