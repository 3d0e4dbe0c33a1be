import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmKernel } from '../../kernel.ts';
import { SCRATCH_BYTES } from './scratch.ts';

/** Computes value and derivative of LipSwish in one pass; see `lip-swish.ts` of package lipschitz. */
export const lipSwish: WasmKernel = {
  name: 'ImpflowLipSwish',
  run: ({ machine: { call, address, output, scratch }, inputs }) => {
    const { a, b } = inputs as Record<'a' | 'b', TensorInfo>;
    const [value, slope] = [output(a.shape), output(a.shape)];
    call.lipSwishSlope(
      address(a),
      address(b),
      address(value),
      address(slope),
      util.sizeFromShape(a.shape),
      scratch(SCRATCH_BYTES),
    );
    return [value, slope];
  },
};

/** Computes all gradients of LipSwish in one pass, so that each array is read or written once. */
export const lipSwishPullback: WasmKernel = {
  name: 'ImpflowLipSwishPullback',
  run: ({ machine: { call, address, output }, inputs }) => {
    const { u, a, b, slope, tangents, cotangents } = inputs as Record<'u' | 'a' | 'b' | 'slope', TensorInfo> &
      Partial<Record<'tangents' | 'cotangents', TensorInfo>>;
    const [gradient, ofB] = [output(a.shape), output([1])];
    const size = util.sizeFromShape(a.shape);
    if (tangents == null || cotangents == null) {
      call.lipSwishPullback(
        address(u),
        address(a),
        address(b),
        address(slope),
        0,
        0,
        address(gradient),
        0,
        address(ofB),
        0,
        size,
      );
      return [gradient, ofB];
    }
    const pulled = output(tangents.shape);
    call.lipSwishPullback(
      address(u),
      address(a),
      address(b),
      address(slope),
      address(tangents),
      address(cotangents),
      address(gradient),
      address(pulled),
      address(ofB),
      tangents.shape[0]!,
      size,
    );
    return [gradient, pulled, ofB];
  },
};
