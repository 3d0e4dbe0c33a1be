import type { Bijector } from '@impflow/core';
import type { BuildContext, NetSpec } from '@impflow/flows';
import { monotoneBlock } from './monotone-block.ts';

declare module '@impflow/flows' {
  interface BlockSpecs {
    /** The spec of a monotone block with the net `g`. */
    readonly monotone: { readonly kind: 'monotone'; readonly g: NetSpec };
  }
}

/** The arguments of the factory: the fields of the spec `{ kind: 'monotone', g }`, and `build` from `buildFlow`. */
export interface MonotoneSpec {
  /** Spec of the contractive net. */
  readonly g: NetSpec;
  /** The context that `buildFlow` passes to the factory of each block. */
  readonly build: BuildContext;
}

/** Returns the block that a spec describes. */
const monotone = ({ g, build }: MonotoneSpec): Bijector => monotoneBlock({ ...build.options, g: build.net(g, 0) });

/** The factories that `impflow --plugin` loads: the kind of block `monotone`. */
export const impflow: { readonly block: { readonly monotone: typeof monotone } } = { block: { monotone } };
