import { fold, scoped, drawUniform, type Key } from '@impflow/core';
import { variable, zeros } from '@tensorflow/tfjs-core';
import { affineMap } from '../linear-op.ts';
import { defineModule, type Module } from './module.ts';

/** Options of {@link head}. */
export interface HeadOptions {
  /** Number of features. */
  readonly inputs: number;
  /** Number of classes. */
  readonly classes: number;
  /** Random key for the initial weight. */
  readonly key: Key;
}

/**
 * A linear layer from features to logits, `[B, inputs] -> [B, classes]`: `x W^T + b`. Initially, `W`
 * `[classes, inputs]` is uniform in `+-1 / sqrt(inputs)`, and `b` is zero.
 */
export const head = ({ inputs, classes, key }: HeadOptions): Module => {
  const bound = 1 / Math.sqrt(inputs);
  const weight = scoped(() => variable(drawUniform(fold(key, 0), [classes, inputs], -bound, bound)));
  const bias = scoped(() => variable(zeros([classes])));
  return defineModule({ parameters: { weight, bias }, apply: (x) => affineMap(x, weight, bias) });
};
