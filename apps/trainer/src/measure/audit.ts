import type { BlockSpec, FlowSpec, NormalizingFlow } from '@impflow/flows';
import { auditNorms, type NormAudit } from '@impflow/lipschitz';
import { number, type Cell } from '../terminal/table.ts';

/** Every capped layer of a flow with its true operator norm. */
export const auditOf = (flow: NormalizingFlow, { blocks }: FlowSpec): readonly NormAudit[] => {
  // Paths are blocks.<i>.<net>.layers.<j>, and each net of a spec has a cap.
  const capOf = (path: string): number => {
    const [, i, net] = path.split('.') as [string, string, string];
    return netsOf(blocks[Number(i)]!)[net] ?? Infinity;
  };
  return auditNorms(flow, { coeff: capOf });
};

/** How many layers, and how far the worst is above its cap. */
export const summaryOf = (audit: readonly NormAudit[]): { readonly layers: number; readonly largestNorm: number; readonly largestRatio: number } => ({
  layers: audit.length,
  largestNorm: Math.max(0, ...audit.map(({ norm }) => norm)),
  largestRatio: Math.max(0, ...audit.map(({ norm, cap }) => norm / cap)),
});

export const auditLines = (audit: readonly NormAudit[]): readonly (readonly Cell[])[] => audit.length === 0 ? [] : [
  ['Lipschitz: largest operator norm of a layer', `${number(summaryOf(audit).largestNorm, 5)} (cap ${number(audit[0]!.cap)}, ${audit.length} layers)`],
];

const netsOf = (block: BlockSpec): Readonly<Record<string, number>> =>
  block.kind === 'implicit' ? { gx: block.gx.coeff, gz: block.gz.coeff } : block.kind === 'residual' ? { g: block.g.coeff } : {};
