import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import type { Machine } from '../../machine.ts';
import { SCRATCH_BYTES } from './scratch.ts';

/** The activations of package lipschitz that the kernels know. */
export type ActivationName = 'sin' | 'snake' | 'elu' | 'celu' | 'tanh' | 'softplus';

export interface Activation {
  readonly name: ActivationName;
  readonly alpha: number;
}

/** Value and slope of an activation in one pass. */
export const activation: WasmKernel = {
  name: 'ImpflowActivation',
  run: ({ machine, inputs, attrs }) => {
    const { a } = inputs as { readonly a: TensorInfo };
    const { activation: name, alpha } = attrs as { readonly activation: ActivationName; readonly alpha: number };
    const [value, slope] = [machine.output(a.shape), machine.output(a.shape)];
    activate(machine, { name, alpha }, machine.address(a), machine.address(value), machine.address(slope), util.sizeFromShape(a.shape), machine.scratch(SCRATCH_BYTES));
    return [value, slope];
  },
};

/** All addresses; `pad` has {@link SCRATCH_BYTES}. */
export const activate = ({ call }: Machine, { name, alpha }: Activation, a: number, value: number, slope: number, count: number, pad: number): void => {
  switch (name) {
    case 'sin': call.sinSlope(a, value, slope, count, pad); break;
    case 'snake': call.snakeSlope(a, value, slope, count, pad); break;
    case 'tanh': call.tanhSlope(a, value, slope, count, pad); break;
    case 'softplus': call.softplusSlope(a, value, slope, count, pad); break;
    case 'elu': call.eluSlope(a, value, slope, count, alpha, 1, alpha, pad); break;
    case 'celu': call.eluSlope(a, value, slope, count, alpha, 1 / alpha, 1, pad); break;
  }
};

/** Whether the second derivative needs what entered the activation, beside value and slope. */
export const needsArgument = ({ name }: Activation): boolean => name === 'snake';

/** Addresses of one hidden layer's numbers. */
export interface Hidden {
  readonly value: number;
  readonly slope: number;
  /** What entered the activation, where {@link needsArgument}; else 0. */
  readonly argument: number;
}

/** The second derivative as `scale factor`: the address of the factor, which is `out` where it had to be computed. */
export const bend = ({ call }: Machine, { name, alpha }: Activation, { value, slope, argument }: Hidden, out: number, count: number): { readonly factor: number; readonly scale: number } => {
  if (name === 'sin') return { factor: value, scale: -4 * Math.PI ** 2 };
  if (name === 'snake') {
    call.curvature(4, value, argument, out, count, 1);
    return { factor: out, scale: -2 * Math.PI ** 2 };
  }
  const [op, rate] = name === 'tanh' ? [1, 1] : name === 'softplus' ? [2, 1] : name === 'elu' ? [3, 1] : [3, 1 / alpha];
  call.curvature(op, value, slope, out, count, rate);
  return { factor: out, scale: 1 };
};
