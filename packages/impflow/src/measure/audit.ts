import type { NamedVariables } from '@impflow/core';
import { capsOf, type FlowSpec, type NetSpec } from '@impflow/flows';
import { auditNorms, type NormAudit } from '@impflow/lipschitz';

/** A model whose layers are audited: its parameters and buffers, by name. */
type Audited = { readonly parameters: NamedVariables; readonly buffers: NamedVariables };

/**
 * Returns, for every capped layer of a flow, the operator norm or a bound on this norm. The audit takes some seconds
 * for nets on images, and a minute for wide nets.
 */
export const auditOf = (flow: Audited, spec: FlowSpec): readonly NormAudit[] =>
  auditNorms(flow, { coeff: capsOf(spec) });

/** Summary of an audit. */
export interface AuditSummary {
  /** Number of capped layers. */
  readonly layers: number;
  /** Largest norm of a layer. */
  readonly largestNorm: number;
  /** Largest ratio of a norm to its cap. */
  readonly largestRatio: number;
  /** Number of norms that each method computed. The method `symbol` gives bounds, which may be far above the norm. */
  readonly methods: Readonly<Partial<Record<NormAudit['method'], number>>>;
}

/** Returns the summary of an audit. All numbers are 0 if no layer is capped. */
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
  /** Number of nets. */
  readonly nets: number;
  /** Largest of their bounds. */
  readonly bound: number;
}

/** Summarizes the nets of a flow whose Lipschitz constant is bounded by construction; undefined without such nets. */
export const boundedNets = ({ blocks }: Pick<FlowSpec, 'blocks'>): BoundedNets | undefined => {
  const nets = blocks
    .flatMap((block) => Object.values(block) as readonly (Partial<NetSpec> | null)[])
    .filter((net) => net?.kind === 'sandwich');
  return nets.length === 0 ? undefined : { nets: nets.length, bound: Math.max(...nets.map((net) => net!.coeff!)) };
};
