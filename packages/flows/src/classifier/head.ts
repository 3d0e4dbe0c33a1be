import { fold, scoped, uniform, type Key } from '@impflow/core';
import { variable, zeros } from '@tensorflow/tfjs-core';
import { affineMap } from '../linear-op.ts';
import { defineModule, type Module } from './module.ts';

export interface HeadOptions {
  readonly inputs: number;
  readonly classes: number;
  readonly key: Key;
}

/** Features to logits, `[B, inputs] -> [B, classes]`: `x W^T + b` with `W` `[classes, inputs]` uniform in `+-1 / sqrt(inputs)` at first, `b` zero. */
export const head = ({ inputs, classes, key }: HeadOptions): Module => {
  const bound = 1 / Math.sqrt(inputs);
  const weight = scoped(() => variable(uniform(fold(key, 0), [classes, inputs], -bound, bound)));
  const bias = scoped(() => variable(zeros([classes])));
  return defineModule({ parameters: { weight, bias }, apply: (x) => affineMap(x, weight, bias) });
};
