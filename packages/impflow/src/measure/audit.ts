import type { NamedVariables } from '@impflow/core';
import { capsOf, type FlowSpec, type NetSpec } from '@impflow/flows';
import { auditNorms, type NormAudit } from '@impflow/lipschitz';

/** A model whose layers are audited, with its parameters and buffers by name. */
type Audited = { readonly parameters: NamedVariables; readonly buffers: NamedVariables };

/**
 * Returns the operator norm, or an upper bound of the norm, of every layer whose norm is capped. The audit takes some
 * seconds for nets on images, and a minute for wide nets.
 */
export const auditOf = (flow: Audited, spec: FlowSpec): readonly NormAudit[] =>
  auditNorms(flow, { coeff: capsOf(spec) });

/** Summary of an audit. */
export interface AuditSummary {
  /** Number of layers whose operator norm is capped. */
  readonly layers: number;
  /** Largest norm of a layer. */
  readonly largestNorm: number;
  /** Largest ratio of a norm to its cap. */
  readonly largestRatio: number;
  /**
   * Number of norms that each method computed. The method `symbol` computes upper bounds of the norms, which may be far
   * too large.
   */
  readonly methods: Readonly<Partial<Record<NormAudit['method'], number>>>;
}

/** Summarizes the audited norms. All numbers are 0 if no layer is capped. */
export const summaryOf = (audit: readonly NormAudit[]): AuditSummary => {
  const methods: Partial<Record<NormAudit['method'], number>> = {};
  for (const { method } of audit) methods[method] = (methods[method] ?? 0) + 1;
  return {
    layers: audit.length,
    largestNorm: Math.max(0, ...audit.map(({ norm }) => norm)),
    largestRatio: Math.max(0, ...audit.map(({ norm, cap }) => norm / cap)),
    methods,
  };
};

/** Summary of the nets whose Lipschitz constant is bounded by construction. */
interface BoundedNets {
  /** Number of nets whose Lipschitz constant is bounded by construction. */
  readonly nets: number;
  /** Largest Lipschitz bound of the nets that are bounded by construction. */
  readonly bound: number;
}

/**
 * Summarizes the nets of a flow whose Lipschitz constant is bounded by construction. Returns undefined if the flow has
 * no net of this kind.
 */
export const boundedNets = ({ blocks }: Pick<FlowSpec, 'blocks'>): BoundedNets | undefined => {
  const nets = blocks
    .flatMap((block) => Object.values(block) as readonly (Partial<NetSpec> | null)[])
    .filter((net) => net?.kind === 'sandwich');
  return nets.length === 0 ? undefined : { nets: nets.length, bound: Math.max(...nets.map((net) => net!.coeff!)) };
};
