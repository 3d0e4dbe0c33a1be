import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Makes one step of Adam for one parameter. */
export const adam: WasmKernel = {
  name: 'ImpflowAdam',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { theta, gradient, m, v } = inputs as Record<'theta' | 'gradient' | 'm' | 'v', TensorInfo>;
    const { beta1, beta2, rate, epsilon, decay } = attrs as Readonly<
      Record<'beta1' | 'beta2' | 'rate' | 'epsilon' | 'decay', number>
    >;
    const [newTheta, newM, newV] = [output(theta.shape), output(theta.shape), output(theta.shape)];
    call.adam(
      address(theta),
      address(gradient),
      address(m),
      address(v),
      address(newTheta),
      address(newM),
      address(newV),
      1 - beta1,
      1 - beta2,
      rate,
      epsilon,
      decay,
      util.sizeFromShape(theta.shape),
    );
    return [newTheta, newM, newV];
  },
};
