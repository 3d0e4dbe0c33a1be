import { drawNormal } from '@impflow/core';
import { mul, square, sub, sum } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';

/** The standard normal distribution in `dim` dimensions. This base density has no parameters. */
export const normalBase = ({ dim }: { readonly dim: number }): BaseDistribution =>
  Object.freeze<BaseDistribution>({
    name: 'normal',
    dim,
    parameters: {},
    logProb: (z) => sub(-0.5 * dim * Math.log(2 * Math.PI), mul(0.5, sum(square(z), 1))),
    sample: (key, rows, temperature = 1) => mul(drawNormal(key, [rows, dim]), temperature),
  });
