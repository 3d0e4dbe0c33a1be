import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';
import { accumulate, multiply } from './gemm.ts';

/** Computes `x W^T + b` or `x W`; see `dense.ts` of package lipschitz. */
export const linear: WasmKernel = {
  name: 'ImpflowLinear',
  run: ({ machine, inputs, attrs }) => {
    const { x, weight, bias } = inputs as {
      readonly x: TensorInfo;
      readonly weight: TensorInfo;
      readonly bias?: TensorInfo;
    };
    const { transposed } = attrs as { readonly transposed: boolean };
    const [m, n] = weight.shape as [number, number];
    const [width, depth] = transposed ? [n, m] : [m, n];
    const lead = x.shape.slice(0, -1);
    const out = machine.output([...lead, width]);
    const { address } = machine;
    multiply(
      machine,
      address(x),
      false,
      address(weight),
      !transposed,
      address(out),
      lead.reduce((p, q) => p * q, 1),
      width,
      depth,
      bias == null ? 0 : address(bias),
    );
    return out;
  },
};

/**
 * Computes the gradient of `x W^T + b` and of its tangents with respect to `W` and `b`. The gradients are summed over
 * the rows and over the tangents.
 */
export const linearGradient: WasmKernel = {
  name: 'ImpflowLinearGradient',
  run: ({ machine, inputs }) => {
    const { u, x, cotangents, tangents } = inputs as {
      readonly u: TensorInfo;
      readonly x: TensorInfo;
      readonly cotangents?: TensorInfo;
      readonly tangents?: TensorInfo;
    };
    const [rows, m] = u.shape as [number, number];
    const n = x.shape[1]!;
    const [weight, bias] = [machine.output([m, n]), machine.output([m])];
    const { address, call } = machine;
    multiply(machine, address(u), true, address(x), false, address(weight), m, n, rows);
    if (cotangents != null && tangents != null) {
      const [count, batch] = cotangents.shape as [number, number];
      accumulate(machine, address(cotangents), address(tangents), address(weight), m, n, count * batch);
    }
    call.sum(address(u), 1, rows, m, address(bias));
    return [weight, bias];
  },
};
