import { key, type LogDetEstimator, type NetLinearization } from '@impflow/core';
import { expectAgreement } from './agree.ts';
import { at, setting } from './estimator-measures.ts';

/**
 * Checks that an estimate does not change the linearization, which the caller uses again: the Jacobian, the unit
 * tangents, their images and a second estimate with the same key equal the results of a new linearization.
 */
export const expectLinearizationKept = (method: LogDetEstimator): void => {
  const { g, x } = setting([3], 6);
  for (const tracked of [true, false]) {
    const read = (lin: NetLinearization): readonly ArrayLike<number>[] => [
      lin.jacobian().dataSync(),
      lin.units().tangents.dataSync(),
      lin.units().images.dataSync(),
      method.estimate(lin, key(32)).logDet.dataSync(),
    ];
    const wanted = at(g, x, tracked, read);
    const got = at(g, x, tracked, (lin) => {
      method.estimate(lin, key(32));
      try {
        return read(lin);
      } catch (cause) {
        throw new Error(
          `A linearization cannot be used after an estimate, tracked: ${tracked} (${String(cause)}). The tensors of ` +
            'a linearization belong to the linearization: an estimator must not dispose them.',
          { cause },
        );
      }
    });
    for (const [i, what] of ['the Jacobian', 'the unit tangents', 'their images', 'a second estimate'].entries())
      expectAgreement(got[i]!, wanted[i]!, { what: `${what} after an estimate, tracked: ${tracked}` });
  }
  for (const tensor of [x, ...Object.values(g.parameters)]) tensor.dispose();
};
