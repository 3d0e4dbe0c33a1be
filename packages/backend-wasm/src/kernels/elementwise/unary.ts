import {
  Cos,
  Elu,
  EluGrad,
  Erf,
  Exp,
  Expm1,
  Log,
  Log1p,
  Sigmoid,
  Sign,
  Sin,
  Softplus,
  Tanh,
  util,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import { SCRATCH_BYTES } from './scratch.ts';

type Unary =
  | 'cos'
  | 'elu'
  | 'erf'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'sigmoid'
  | 'sign'
  | 'sin'
  | 'softplus'
  | 'tanh';

/** Computes a function of each element of a float32 tensor. For other types tfjs's own kernel runs. */
const unary = (name: string, compute: Unary): WasmKernel => ({
  name,
  run: ({ machine: { call, address, output, scratch }, inputs, stock }) => {
    const { x } = inputs as { readonly x: TensorInfo };
    if (x.dtype !== 'float32') return stock();
    const y = output(x.shape);
    call[compute](address(x), address(y), util.sizeFromShape(x.shape), scratch(SCRATCH_BYTES));
    return y;
  },
});

/**
 * Functions of one variable, over the whole range of float32. Errors are at most 4 ulp or 1e-6, usually 2 ulp.
 * Denormals, infinities, NaN and signed zeros follow IEEE 754.
 */
export const unaries: readonly WasmKernel[] = [
  unary(Sin, 'sin'),
  unary(Cos, 'cos'),
  unary(Exp, 'exp'),
  unary(Expm1, 'expm1'),
  unary(Log, 'log'),
  unary(Tanh, 'tanh'),
  unary(Sigmoid, 'sigmoid'),
  unary(Softplus, 'softplus'),
  unary(Erf, 'erf'),
  unary(Elu, 'elu'),
  unary(Log1p, 'log1p'),
  unary(Sign, 'sign'),
];

/** Gradient of `elu` from its value `y`: `dy` where `y >= 0`, else `dy (y + 1)`. */
export const eluGrad: WasmKernel = {
  name: EluGrad,
  run: ({ machine: { call, address, output, scratch }, inputs, stock }) => {
    const { dy, y } = inputs as Record<'dy' | 'y', TensorInfo>;
    if (dy.dtype !== 'float32' || y.dtype !== 'float32') return stock();
    const dx = output(y.shape);
    call.eluGrad(address(dy), address(y), address(dx), util.sizeFromShape(y.shape), scratch(SCRATCH_BYTES));
    return dx;
  },
};
