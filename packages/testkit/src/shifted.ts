import { fold, key, normals, type NamedVariables } from '@impflow/core';
import { add, tensor } from '@tensorflow/tfjs-core';

/**
 * Moves every parameter, as training does, by at least `scale` up or down. A method that is right only at its initial
 * parameters fails the tests with the moved parameters. The moves are the same at each call. Returns the parameters.
 */
export const shiftParameters = (parameters: NamedVariables, scale: number): NamedVariables => {
  Object.values(parameters).forEach((parameter, i) => {
    const shift = tensor(
      Float32Array.from(normals(fold(key(52), i), parameter.size), (z) => scale * (z + Math.sign(z))),
      parameter.shape,
    );
    const next = add(parameter, shift);
    parameter.assign(next);
    shift.dispose();
    next.dispose();
  });
  return parameters;
};
