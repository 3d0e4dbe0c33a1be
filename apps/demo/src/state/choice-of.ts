import type { BlockSpec, FlowSpec, NetSpec } from '@impflow/flows';
import { SMALL_PRESET, type ModelChoice } from '../config.ts';

/**
 * Returns the settings of the page that describe the model of an opened file most closely. If the visitor resets the
 * training, a model with these settings is trained.
 */
export const choiceOf = (spec: FlowSpec): ModelChoice => {
  const coupling = spec.blocks.filter((block) => block.kind === 'coupling');
  const first = coupling[0];
  if (first !== undefined) return { ...SMALL_PRESET, kind: 'coupling', blocks: coupling.length, hidden: first.hidden };
  const contractive = spec.blocks.flatMap((block) => netOf(block) ?? []);
  const one = contractive[0];
  const methods = {
    ...(spec.solver === undefined ? {} : { solver: spec.solver }),
    ...(spec.logDet === undefined ? {} : { logDet: spec.logDet }),
  };
  if (one === undefined) return { ...SMALL_PRESET, ...methods };
  const { kind, net } = one;
  return {
    kind,
    ...(net.kind === 'sandwich' ? { net: net.kind } : {}),
    hidden: net.hidden,
    activation: net.activation.name,
    coeff: net.coeff,
    // For a residual or monotone model, `blocks` is the number of pairs of blocks.
    blocks: kind === 'implicit' ? contractive.length : Math.ceil(contractive.length / 2),
    ...methods,
  };
};

const netOf = (
  block: BlockSpec,
): { readonly kind: 'implicit' | 'residual' | 'monotone'; readonly net: NetSpec } | undefined =>
  block.kind === 'implicit'
    ? { kind: 'implicit', net: block.gx }
    : block.kind === 'residual' || block.kind === 'monotone'
      ? { kind: block.kind, net: block.g }
      : undefined;
