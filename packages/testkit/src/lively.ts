import { fold, key, normals, type Bijector } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';

/**
 * Moves a model away from the identity, at which blocks start: fills every parameter whose entries are all zero with
 * normal numbers of standard deviation `scale`, the same at each call, and refreshes the bounds. Returns the model. The
 * identity would pass many laws without testing anything.
 */
export const lively = <T extends Pick<Bijector, 'parameters' | 'refresh'>>(model: T, scale = 0.3): T => {
  Object.values(model.parameters).forEach((parameter, i) => {
    if (parameter.dataSync().some((value) => value !== 0)) return;
    const next = tensor(
      Float32Array.from(normals(fold(key(51), i), parameter.size), (z) => scale * z),
      parameter.shape,
    );
    parameter.assign(next);
    next.dispose();
  });
  model.refresh({ tolerance: 1e-5 });
  return model;
};
