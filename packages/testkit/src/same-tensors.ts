import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { expectAgreement } from './agree.ts';

/** Returns a tensor with the same numbers in a buffer of its own. */
export const copyOf = (of: Tensor): Tensor => tensor(of.dataSync().slice(), of.shape);

/**
 * Checks that results depend on the present parameters also if the arguments are the same tensors as before.
 * `evaluate` gets its tensors by `use`. The function evaluates, calls `move`, which changes the parameters, and
 * evaluates with the same tensors and with copies of them, whose results must be equal.
 */
export const expectPresentParameters = (
  evaluate: (use: (given: Tensor) => Tensor) => Readonly<Record<string, Tensor>>,
  move: () => void,
): void => {
  evaluate((given) => given);
  move();
  const same = Object.entries(evaluate((given) => given)).map(([name, of]) => [name, of.dataSync().slice()] as const);
  const fresh = evaluate(copyOf);
  for (const [name, got] of same) {
    const wanted = fresh[name]!.dataSync();
    const size = Math.max(1, ...Array.from(wanted, Math.abs));
    expectAgreement(got, wanted, {
      what: `${name} after the parameters changed, for the same tensors as before and for copies of them`,
      tolerance: 1e-5 * size,
    });
  }
};
