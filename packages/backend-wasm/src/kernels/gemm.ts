import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Machine } from '../machine.ts';

/**
 * Computes `out [m, n] = op(a) op(b) + bias` with `op(a) [m, depth]`, where `op` is the identity or the transpose. `a`,
 * `b`, `out` and `bias` are addresses. Without a bias, the address `bias` is 0.
 */
export const multiply = (
  { call, scratch }: Machine,
  a: number,
  transposeA: boolean,
  b: number,
  transposeB: boolean,
  out: number,
  m: number,
  n: number,
  depth: number,
  bias = 0,
): void => {
  call.gemm(
    a,
    transposeA ? 4 : 4 * depth,
    transposeA ? 4 * m : 4,
    b,
    transposeB ? 4 : 4 * n,
    transposeB ? 4 * depth : 4,
    out,
    m,
    n,
    depth,
    bias,
    0,
    scratch(call.gemmScratch(depth, n)),
  );
};

/** Computes `out [m, n] += a^T b` with `a [depth, m]`, `b [depth, n]`. `a`, `b` and `out` are addresses. */
export const accumulate = (
  { call, scratch }: Machine,
  a: number,
  b: number,
  out: number,
  m: number,
  n: number,
  depth: number,
): void => {
  call.gemm(a, 4, 4 * m, b, 4 * n, 4, out, m, n, depth, out, 4 * n, scratch(call.gemmScratch(depth, n)));
};

/**
 * Returns the batched product `op(a) op(b) + bias` of float32 matrices, whose leading dimensions match, are 1 or are
 * missing. Returns undefined for other types or shapes; the caller then runs tfjs's own kernel.
 */
export const batchProduct = (
  machine: Machine,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  bias?: TensorInfo,
): TensorInfo | undefined => {
  const aRank = a.shape.length,
    bRank = b.shape.length;
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || aRank < 2 || bRank < 2) return undefined;
  const m = a.shape[transposeA ? aRank - 1 : aRank - 2]!;
  const depth = a.shape[transposeA ? aRank - 2 : aRank - 1]!;
  const n = b.shape[transposeB ? bRank - 2 : bRank - 1]!;
  if (depth !== b.shape[transposeB ? bRank - 1 : bRank - 2]) return undefined;
  if (bias !== undefined && (bias.dtype !== 'float32' || bias.shape.length !== 1 || bias.shape[0] !== n))
    return undefined;

  const batch = broadcast(a.shape, b.shape);
  if (batch === undefined) return undefined;
  const out = machine.output([...batch, m, n]);
  const { call, address, scratch } = machine;
  const from = address(a),
    by = address(b),
    to = address(out),
    added = bias === undefined ? 0 : address(bias);
  const count = size(batch),
    aCount = size(a.shape, aRank - 2),
    bCount = size(b.shape, bRank - 2);
  if (bCount === 1 && !transposeA) {
    multiply(machine, from, false, by, transposeB, to, count * m, n, depth, added);
  } else if ((aCount === count || aCount === 1) && (bCount === count || bCount === 1)) {
    call.gemmBatch(
      count,
      aCount === 1 ? 0 : 4 * m * depth,
      bCount === 1 ? 0 : 4 * depth * n,
      from,
      transposeA ? 4 : 4 * depth,
      transposeA ? 4 * m : 4,
      by,
      transposeB ? 4 : 4 * n,
      transposeB ? 4 * depth : 4,
      to,
      m,
      n,
      depth,
      added,
      scratch(call.gemmScratch(depth, n)),
    );
  } else {
    for (let i = 0; i < count; i++) {
      multiply(
        machine,
        from + 4 * m * depth * member(i, batch, a.shape),
        transposeA,
        by + 4 * depth * n * member(i, batch, b.shape),
        transposeB,
        to + 4 * m * n * i,
        m,
        n,
        depth,
        added,
      );
    }
  }
  return out;
};

const size = (shape: readonly number[], rank = shape.length): number => {
  let product = 1;
  for (let i = 0; i < rank; i++) product *= shape[i]!;
  return product;
};

/**
 * Returns the leading dimensions of the batched matrix product of tensors with shapes `a` and `b`, or undefined if the
 * leading dimensions do not match.
 */
const broadcast = (a: readonly number[], b: readonly number[]): number[] | undefined => {
  const rank = Math.max(a.length, b.length) - 2;
  const batch: number[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[a.length - 2 - rank + i] ?? 1,
      q = b[b.length - 2 - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return undefined;
    batch.push(p === 1 ? q : p);
  }
  return batch;
};

/** Returns which matrix of a tensor of shape `shape` is a factor of product `i` of the batch. */
const member = (i: number, batch: readonly number[], shape: readonly number[]): number => {
  let index = 0,
    stride = 1;
  for (let axis = 1; axis <= shape.length - 2; axis++) {
    const length = batch[batch.length - axis]!,
      own = shape[shape.length - 2 - axis]!;
    if (own !== 1) index += (i % length) * stride;
    stride *= own;
    i = Math.floor(i / length);
  }
  return index;
};
