import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Makes one step of Adam for all parameters: see `adam.ts` of package training. */
export const adam: WasmKernel = {
  name: 'ImpflowAdam',
  run: ({ machine: { call, address, output, together }, inputs, attrs }) => {
    const { beta1, beta2, rate, epsilon, decay } = attrs as Readonly<
      Record<'beta1' | 'beta2' | 'rate' | 'epsilon' | 'decay', number>
    >;
    const parameters = Array.from({ length: Object.keys(inputs).length / 4 }, (_, i) => {
      const named = (name: string): TensorInfo => inputs[`${name}${i}`]!;
      const theta = named('theta');
      const outputs = [output(theta.shape), output(theta.shape), output(theta.shape)] as const;
      return { theta, gradient: named('gradient'), m: named('m'), v: named('v'), outputs };
    });
    together(() => {
      for (const { theta, gradient, m, v, outputs } of parameters)
        call.adam(
          address(theta),
          address(gradient),
          address(m),
          address(v),
          ...(outputs.map(address) as [number, number, number]),
          1 - beta1,
          1 - beta2,
          rate,
          epsilon,
          decay,
          util.sizeFromShape(theta.shape),
        );
    });
    return parameters.flatMap(({ outputs }) => outputs);
  },
};
