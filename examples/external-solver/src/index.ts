import { ironsTuck } from './irons-tuck.ts';

export { ironsTuck, type IronsTuckOptions, type IronsTuckState } from './irons-tuck.ts';

/** The factories by kind and name. `impflow train --plugin` and the playground read this export. */
export const impflow: { readonly solver: { readonly 'irons-tuck': typeof ironsTuck } } = {
  solver: { 'irons-tuck': ironsTuck },
};
