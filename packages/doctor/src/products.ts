import { key, drawNormal } from '@impflow/core';
import { matMul, type Tensor } from '@tensorflow/tfjs-core';
import type { ProductSpeed } from './report.ts';
import { timeSeries } from './timing.ts';

interface Product {
  readonly product: string;
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Matrix products of a training step with nets as in the paper on implicit flows: the forward and backward pass of a
 * layer, its weight gradient, and the first layer.
 */
const PRODUCTS: readonly Product[] = [
  { product: '[1000,128] x [128,128]', a: [1000, 128], b: [128, 128] },
  { product: '[1000,128] x [128,128]^T', a: [1000, 128], b: [128, 128], transposeB: true },
  { product: '[1000,128]^T x [1000,128]', a: [1000, 128], b: [1000, 128], transposeA: true },
  { product: '[1000,2] x [2,128]', a: [1000, 2], b: [2, 128] },
];

/**
 * Measures the speed of matrix products on the running backend. The measurement takes about `2 budgetMs` milliseconds
 * per product.
 */
export const measureProducts = async (budgetMs: number): Promise<readonly ProductSpeed[]> => {
  const speeds: ProductSpeed[] = [];
  for (const { product, a, b, transposeA = false, transposeB = false } of PRODUCTS) {
    const [x, y] = [drawNormal(key(1), [...a]), drawNormal(key(2), [...b])];
    const operations = 2 * a[0] * a[1] * (transposeB ? b[0] : b[1]);
    const ms = await timeSeries((): Tensor => matMul(x, y, transposeA, transposeB), budgetMs);
    speeds.push({ product, gflops: operations / ms / 1e6 });
    x.dispose();
    y.dispose();
  }
  return speeds;
};
