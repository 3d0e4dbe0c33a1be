import { FlowError, sampleNorm, type Iterate, type Solver } from '@impflow/core';
import { getBackend, sub, type Tensor } from '@tensorflow/tfjs-core';

interface Plain extends Iterate {
  readonly image: Tensor;
}

/** A test plugin: a fixed-point solver that throws on every backend except WebAssembly. */
export const wasmOnly = (): Solver<Plain> => {
  const at = (f: (y: Tensor) => Tensor, value: Tensor): Plain => {
    if (getBackend() !== 'wasm')
      throw new FlowError('unsupported', 'test/wasmOnly', 'No kernel for this method', { got: getBackend() });
    const image = f(value);
    return { value, image, residual: sampleNorm(sub(image, value)) };
  };
  return {
    name: 'wasm-only',
    problem: 'fixed-point',
    init: (f, y0) => at(f, y0.clone()),
    step: (f, { image }) => at(f, image.clone()),
  };
};

export const impflow = { solver: { 'wasm-only': wasmOnly } };
