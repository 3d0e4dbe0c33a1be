import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../kernel.ts';

/** Computes the elementwise products `t_k s'` of tangents `t [K, B, n]` with the slope `s' [B, n]` of an activation. */
export const tangentProduct: WasmKernel = {
  name: 'ImpflowTangentProduct',
  run: ({ machine: { call, address, output }, inputs }) => {
    const { tangents, slope } = inputs as Record<'tangents' | 'slope', TensorInfo>;
    const out = output(tangents.shape);
    call.tangentProduct(
      address(tangents),
      address(slope),
      address(out),
      tangents.shape[0]!,
      util.sizeFromShape(slope.shape),
    );
    return out;
  },
};

/** Computes the gradients of {@link tangentProduct} and of an activation's value, with respect to their inputs. */
export const tangentPullback: WasmKernel = {
  name: 'ImpflowTangentPullback',
  run: ({ machine: { call, address, output }, inputs, attrs }) => {
    const { u, slope, curvature, tangents, cotangents } = inputs as Record<
      'u' | 'slope' | 'curvature' | 'tangents' | 'cotangents',
      TensorInfo
    >;
    const { scale } = attrs as { readonly scale: number };
    const [gradient, pulled] = [output(slope.shape), output(tangents.shape)];
    call.tangentPullback(
      address(u),
      address(slope),
      address(curvature),
      address(tangents),
      address(cotangents),
      address(gradient),
      address(pulled),
      scale,
      tangents.shape[0]!,
      util.sizeFromShape(slope.shape),
    );
    return [gradient, pulled];
  },
};
