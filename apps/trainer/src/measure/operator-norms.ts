import type { NamedVariables } from '@impflow/core';
import { capsOf, type BlockSpec, type ClassifierSpec, type FlowSpec, type NetSpec } from '@impflow/flows';
import { auditNorms, type NormAudit } from '@impflow/lipschitz';
import { number } from '../terminal/format.ts';
import { type Cell } from '../terminal/table.ts';

type Audited = { readonly parameters: NamedVariables; readonly buffers: NamedVariables };

/**
 * Every capped layer of a flow with its operator norm, or a bound of it. Takes some seconds for nets on images, a
 * minute for wide ones.
 */
export const auditOf = (flow: Audited, spec: FlowSpec): readonly NormAudit[] =>
  auditNorms(flow, { coeff: capsOf(spec) });

/** Every capped layer of a classifier with its operator norm, or a bound of it. All have one cap. */
export const auditOfClassifier = (classifier: Audited, { coeff = 0.9 }: ClassifierSpec): readonly NormAudit[] =>
  auditNorms(classifier, { coeff });

/** Summary of an audit. */
export interface AuditSummary {
  /** Number of capped layers. */
  readonly layers: number;
  /** Largest norm of a layer. */
  readonly largestNorm: number;
  /** Largest ratio of a norm to its cap. */
  readonly largestRatio: number;
  /** Number of norms by method. Those by `symbol` are bounds that may be far above the norm. */
  readonly methods: Readonly<Partial<Record<NormAudit['method'], number>>>;
}

/** The summary of an audit; zeros without layers. */
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

/** The line on the largest norm, for a table; none without layers. */
export const auditLines = (audit: readonly NormAudit[]): readonly (readonly Cell[])[] =>
  audit.length === 0
    ? []
    : [
        [
          'Lipschitz: largest operator norm of a layer',
          `${number(summaryOf(audit).largestNorm, 5)} (cap ${number(audit[0]!.cap)}, ${audit.length} layers)`,
        ],
      ];

/** The line on the nets whose bound holds by construction. They have no layers to audit. */
export const constructedLines = ({ blocks }: Pick<FlowSpec, 'blocks'>): readonly (readonly Cell[])[] => {
  const nets = blocks
    .flatMap((block: BlockSpec) => Object.values(block) as readonly (Partial<NetSpec> | null)[])
    .filter((net) => net?.kind === 'sandwich');
  return nets.length === 0
    ? []
    : [
        [
          'Lipschitz: bound of each net, by construction',
          `${number(Math.max(...nets.map((net) => net!.coeff!)))} (${nets.length} sandwich nets)`,
        ],
      ];
};
