import type { Trainable } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';

/** Disposes all parameters and buffers of a model. The model cannot be used afterwards. */
export const disposeModel = ({ parameters, buffers }: Pick<Trainable, 'parameters' | 'buffers'>): void =>
  void dispose([...Object.values(parameters), ...Object.values(buffers)]);
