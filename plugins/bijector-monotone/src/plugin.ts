import type { Bijector } from '@impflow/core';
import type { BuildContext, NetSpec } from '@impflow/flows';
import { monotoneBlock } from './monotone-block.ts';

/** A block of a spec, `{ kind: 'monotone', g }`. */
export interface MonotoneSpec {
  readonly g: NetSpec;
  readonly build: BuildContext;
}

const monotone = ({ g, build }: MonotoneSpec): Bijector => monotoneBlock({ ...build.options, g: build.net(g, 0) });

/** What `impflow --plugin` looks for. */
export const impflow: { readonly block: { readonly monotone: typeof monotone } } = { block: { monotone } };
