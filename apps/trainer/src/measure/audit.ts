import type { BlockSpec, FlowSpec, NormalizingFlow } from '@impflow/flows';
import { number, type Cell } from '../terminal/table.ts';

/** The operator norm of one capped layer. */
export interface LayerAudit {
  readonly path: string;
  /** Largest singular value of the capped weight, in float64. */
  readonly norm: number;
  readonly cap: number;
}

/** Every capped layer of a flow, measured independently of the power iteration that keeps its cap. */
export const auditOf = (flow: NormalizingFlow, { blocks }: FlowSpec): readonly LayerAudit[] => blocks.flatMap((block, i) =>
  netsOf(block).flatMap(([net, cap]) => Object.entries(flow.parameters).flatMap(([path, weight]) => {
    const prefix = `blocks.${i}.${net}.layers.`;
    if (!path.startsWith(prefix) || !path.endsWith('.weight')) return [];
    const [rows, columns] = weight.shape as [number, number];
    const vector = (name: string): Float32Array => flow.buffers[path.replace(/weight$/, name)]!.dataSync() as Float32Array;
    const matrix = Float64Array.from(weight.dataSync());
    const estimate = bilinear(matrix, vector('u'), vector('v'));
    return [{ path: path.replace(/\.weight$/, ''), norm: largestSingularValue(matrix, rows, columns) / Math.max(1, estimate / cap), cap }];
  })));

/** For a summary: how many layers, and how far the worst is above its cap. */
export const summaryOf = (audit: readonly LayerAudit[]): { readonly layers: number; readonly largestNorm: number; readonly largestRatio: number } => ({
  layers: audit.length,
  largestNorm: Math.max(0, ...audit.map(({ norm }) => norm)),
  largestRatio: Math.max(0, ...audit.map(({ norm, cap }) => norm / cap)),
});

export const auditLines = (audit: readonly LayerAudit[]): readonly (readonly Cell[])[] => audit.length === 0 ? [] : [
  ['Lipschitz: largest operator norm of a layer', `${number(summaryOf(audit).largestNorm, 5)} (cap ${number(audit[0]!.cap)}, ${audit.length} layers)`],
];

const netsOf = (block: BlockSpec): readonly (readonly [string, number])[] =>
  block.kind === 'implicit' ? [['gx', block.gx.coeff], ['gz', block.gz.coeff]] : block.kind === 'residual' ? [['g', block.g.coeff]] : [];

const bilinear = (matrix: Float64Array, u: Float32Array, v: Float32Array): number => {
  let sum = 0;
  u.forEach((left, i) => v.forEach((right, j) => { sum += left * matrix[i * v.length + j]! * right; }));
  return sum;
};

/**
 * The largest singular value of a row-major matrix by one-sided Jacobi rotations on the shorter side.
 *
 * @see Golub and Van Loan, Matrix Computations, 4th edition, section 8.6.3.
 */
export const largestSingularValue = (matrix: Float64Array, rows: number, columns: number): number => {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors = Array.from({ length: count }, (_, i) => Float64Array.from({ length }, (_, k) => (rows <= columns ? matrix[i * columns + k]! : matrix[k * columns + i]!)));
  for (let sweep = 0; sweep < 30; sweep++) {
    let rotated = false;
    for (let p = 0; p < count; p++) {
      for (let q = p + 1; q < count; q++) rotated = rotate(vectors[p]!, vectors[q]!) || rotated;
    }
    if (!rotated) break;
  }
  return Math.sqrt(Math.max(...vectors.map((vector) => vector.reduce((sum, x) => sum + x * x, 0))));
};

/** Makes two vectors orthogonal; false where they are already. */
const rotate = (a: Float64Array, b: Float64Array): boolean => {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
    ab += a[i]! * b[i]!;
  }
  if (Math.abs(ab) <= 1e-10 * Math.sqrt(aa * bb)) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = c * x - c * t * y;
    b[i] = c * t * x + c * y;
  }
  return true;
};
