import { FlowError } from '@impflow/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Operations } from './engine.ts';

/**
 * An activation `s`, computed by the functions `phi` and `psi` of the phase `p = scale a`: `s(a) = phi(p) / scale` and
 * `s'(a) = psi(p)`. The small weights are multiplied by the scale in advance, so that the wide tensors need no
 * multiplication.
 */
export interface NetActivation {
  readonly scale: number;
  evaluate(p: TensorInfo): { readonly phi: TensorInfo; readonly psi: TensorInfo };
  /**
   * The constant `rate` in `s''(a) = rate factor`. Smaller tensors are multiplied by `rate`, so that the wide tensor
   * `factor` needs no multiplication.
   */
  readonly rate: number;
  factor(phi: TensorInfo, psi: TensorInfo, p: TensorInfo | undefined): TensorInfo;
  /** Whether the function `factor` needs the phase `p`. Default false. */
  readonly phased?: boolean;
}

/**
 * Returns an activation of package lipschitz by name.
 *
 * @throws `unsupported` for an activation that the kernels do not implement.
 */
export const netActivation = (
  name: string,
  alpha: number,
  { unary, binary, wherePositive, filled }: Operations,
): NetActivation => {
  switch (name) {
    case 'sin':
      return {
        scale: 2 * Math.PI,
        evaluate: (p) => ({ phi: unary('Sin', p), psi: unary('Cos', p) }),
        rate: -2 * Math.PI,
        factor: (phi) => phi,
      };
    case 'snake':
      return {
        scale: 2 * Math.PI,
        rate: -Math.PI,
        phased: true,
        evaluate: (p) => ({
          phi: binary('Mul', binary('AddV2', p, unary('Sin', p)), 0.5),
          psi: binary('Mul', binary('AddV2', unary('Cos', p), 1), 0.5),
        }),
        // The sine of the phase p equals 2 phi - p.
        factor: (phi, _psi, p) => binary('Sub', binary('Mul', phi, 2), p!),
      };
    case 'tanh':
      return {
        scale: 1,
        rate: -2,
        evaluate: (p) => {
          const phi = unary('Tanh', p);
          return { phi, psi: binary('Sub', 1, unary('Square', phi)) };
        },
        factor: (phi, psi) => binary('Mul', phi, psi),
      };
    case 'softplus':
      return {
        scale: 1,
        rate: 1,
        evaluate: (p) => ({ phi: unary('Softplus', p), psi: unary('Sigmoid', p) }),
        factor: (_phi, psi) => binary('Sub', psi, unary('Square', psi)),
      };
    case 'elu':
    case 'celu': {
      // For a < 0, elu is alpha (e^a - 1) with slope alpha e^a, and celu is alpha (e^(a / alpha) - 1) with slope e^(a /
      // alpha).
      const [inner, height] = name === 'elu' ? [1, alpha] : [1 / alpha, 1];
      return {
        scale: 1,
        rate: inner,
        evaluate: (p) => {
          const q = binary('Mul', p, inner);
          return {
            phi: wherePositive(p, p, binary('Mul', unary('Expm1', q), alpha)),
            psi: wherePositive(p, filled(p.shape, 1), binary('Mul', unary('Exp', q), height)),
          };
        },
        factor: (phi, psi) => wherePositive(phi, filled(phi.shape, 0), psi),
      };
    }
    default:
      throw new FlowError('unsupported', 'backend-cuda/kernel', 'No kernel for this activation', {
        expected: 'one of sin, snake, elu, celu, tanh, softplus',
        got: `"${name}"`,
        hint: 'Leave `part` out of the activation, so that it is composed of plain operations.',
      });
  }
};
