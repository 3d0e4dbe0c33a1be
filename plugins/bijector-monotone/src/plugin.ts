import type { Bijector } from '@impflow/core';
import type { BuildContext, NetSpec } from '@impflow/flows';
import { monotoneBlock } from './monotone-block.ts';

declare module '@impflow/flows' {
  interface BlockSpecs {
    /** A monotone block with the net `g`. */
    readonly monotone: { readonly kind: 'monotone'; readonly g: NetSpec };
  }
}

/** A block of a spec, `{ kind: 'monotone', g }`, as `buildFlow` passes it to the factory. */
export interface MonotoneSpec {
  /** Spec of the contractive net. */
  readonly g: NetSpec;
  /** The arguments that the flow passes to each block. */
  readonly build: BuildContext;
}

/** Returns the block of a spec. */
const monotone = ({ g, build }: MonotoneSpec): Bijector => monotoneBlock({ ...build.options, g: build.net(g, 0) });

/** The factories that `impflow --plugin` loads: the kind of block `monotone`. */
export const impflow: { readonly block: { readonly monotone: typeof monotone } } = { block: { monotone } };
