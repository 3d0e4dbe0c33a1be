import { FlowError, type ConditionalContraction, type Context, type Contraction } from '@impflow/core';

/** The net of a block: with or without a context. */
export type Net = Contraction | ConditionalContraction;

/** The net at the context of this call. @throws `option` where a conditional net gets none. */
export const atContext = (net: Net, { condition }: Context): Contraction => {
  if (!('given' in net)) return net;
  if (condition === undefined) {
    throw new FlowError('option', 'flows/atContext', 'Missing condition', {
      expected: `a context tensor [B, ${net.contextSize}]`, got: 'none', hint: 'Pass `condition` in the context of the call.',
    });
  }
  return net.given(condition);
};
