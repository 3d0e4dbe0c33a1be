import { FlowError } from '@impflow/core';
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import type { Machine } from '../../machine.ts';
import { SCRATCH_BYTES } from './scratch.ts';

/** Activations of package lipschitz that the kernels implement. */
const NAMES = ['sin', 'snake', 'elu', 'celu', 'tanh', 'softplus'] as const;
/** Name of an activation that the kernels implement. */
export type ActivationName = (typeof NAMES)[number];

/** An activation with its parameter `alpha`. */
export interface Activation {
  readonly name: ActivationName;
  readonly alpha: number;
}

/**
 * Returns the activation that is named in the attributes of a kernel.
 *
 * @throws `unsupported` for an activation that the kernels do not implement.
 */
export const activationOf = (attrs: object): Activation => {
  const { activation, alpha } = attrs as { readonly activation: string; readonly alpha: number };
  const name = NAMES.find((known) => known === activation);
  if (name !== undefined) return { name, alpha };
  throw new FlowError('unsupported', 'backend-wasm/kernel', 'No kernel for this activation', {
    expected: `one of ${NAMES.join(', ')}`,
    got: `"${activation}"`,
    hint: 'Leave `part` out of the activation, so that it is composed of plain operations.',
  });
};

/** Computes an activation and its derivative (the slope) in one pass. */
export const activation: WasmKernel = {
  name: 'ImpflowActivation',
  run: ({ machine, inputs, attrs }) => {
    const { a } = inputs as { readonly a: TensorInfo };
    const chosen = activationOf(attrs);
    const [value, slope] = [machine.output(a.shape), machine.output(a.shape)];
    activate(
      machine,
      chosen,
      machine.address(a),
      machine.address(value),
      machine.address(slope),
      util.sizeFromShape(a.shape),
      machine.scratch(SCRATCH_BYTES),
    );
    return [value, slope];
  },
};

/**
 * Computes value and slope of an activation at the `count` numbers that begin at address `a`. `value`, `slope` and
 * `pad` are addresses; `pad` has {@link SCRATCH_BYTES} bytes.
 */
export const activate = (
  { call }: Machine,
  { name, alpha }: Activation,
  a: number,
  value: number,
  slope: number,
  count: number,
  pad: number,
): void => {
  switch (name) {
    case 'sin':
      call.sinSlope(a, value, slope, count, pad);
      break;
    case 'snake':
      call.snakeSlope(a, value, slope, count, pad);
      break;
    case 'tanh':
      call.tanhSlope(a, value, slope, count, pad);
      break;
    case 'softplus':
      call.softplusSlope(a, value, slope, count, pad);
      break;
    case 'elu':
      call.eluSlope(a, value, slope, count, alpha, 1, alpha, pad);
      break;
    case 'celu':
      call.eluSlope(a, value, slope, count, alpha, 1 / alpha, 1, pad);
      break;
  }
};

/** Returns whether the second derivative of an activation needs its argument, in addition to value and slope. */
export const needsArgument = ({ name }: Activation): boolean => name === 'snake';

/** Addresses of the numbers of one hidden layer. */
export interface Hidden {
  readonly value: number;
  readonly slope: number;
  /** Address of the arguments of the activation if {@link needsArgument} returns true for the activation, else 0. */
  readonly argument: number;
}

/**
 * Returns the second derivative of an activation as a product of the number `scale` and an array. The field `factor` of
 * the result is the address of the array. If the array must be computed, it is written to `out`.
 */
export const bend = (
  { call }: Machine,
  { name, alpha }: Activation,
  { value, slope, argument }: Hidden,
  out: number,
  count: number,
): { readonly factor: number; readonly scale: number } => {
  if (name === 'sin') return { factor: value, scale: -4 * Math.PI ** 2 };
  if (name === 'snake') {
    call.curvature(4, value, argument, out, count, 1);
    return { factor: out, scale: -2 * Math.PI ** 2 };
  }
  const [op, rate] = name === 'tanh' ? [1, 1] : name === 'softplus' ? [2, 1] : name === 'elu' ? [3, 1] : [3, 1 / alpha];
  call.curvature(op, value, slope, out, count, rate);
  return { factor: out, scale: 1 };
};
