import { fold, key, normals, type Bijector } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';

/** Returns the message of a gradient that is zero. Many models start as the identity, with zeros in their last layer. */
export const noGradient = (path: string): string =>
  `${path} gets no gradient. If the plugin starts with zeros in its last layer, pass \`make: () => lively(...)\``;

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
