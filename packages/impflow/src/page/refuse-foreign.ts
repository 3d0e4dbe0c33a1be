import { FlowError } from '@impflow/core';
import type { FitOptions } from '../fit.ts';

/**
 * Refuses the options `plugins` and `backend` in a page, because a worker has its own copy of TensorFlow.js.
 *
 * @throws `option` if one of these options is set.
 */
export const refuseForeign = (options: Pick<FitOptions, 'plugins' | 'backend'>): void => {
  const name = (['plugins', 'backend'] as const).find((each) => options[each] !== undefined);
  if (name === undefined) return;
  throw new FlowError('option', 'impflow/fit', `The option ${name} does not work in a page`, {
    expected: 'no such option: a model in a page computes in a worker, with WebAssembly',
    got: `the option ${name}`,
    hint: 'Leave this option out, or use impflow/run in your own worker.',
  });
};
