import { fold, key, normals, type Bijector } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';

/**
 * Away from the identity, as which blocks start: gives every parameter that is all zeros numbers instead, of size `scale` and the same at each call, and tightens the bounds
 * anew. Laws that a block keeps only because it does nothing are no test of it. Returns the model.
 */
export const lively = <T extends Pick<Bijector, 'parameters' | 'refresh'>>(model: T, scale = 0.3): T => {
  Object.values(model.parameters).forEach((parameter, i) => {
    if (parameter.dataSync().some((value) => value !== 0)) return;
    const next = tensor(Float32Array.from(normals(fold(key(51), i), parameter.size), (z) => scale * z), parameter.shape);
    parameter.assign(next);
    next.dispose();
  });
  model.refresh({ tolerance: 1e-5 });
  return model;
};
