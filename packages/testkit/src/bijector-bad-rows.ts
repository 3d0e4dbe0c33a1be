import type { Bijector } from '@impflow/core';
import { expectAgreement } from './agree.ts';
import { gradientsOf } from './bijector-derivatives.ts';
import { evaluator, numbers, type Row } from './bijector-rows.ts';

/** Checks that a row of NaN, infinity or a huge number does not change values and gradients of the other rows. */
export const expectOthersUntouched = (bijector: Bijector, inputs: readonly Row[], images: readonly Row[]): void => {
  const at = evaluator(bijector);
  for (const [method, rows] of [
    ['forwardWithLogDet', inputs],
    ['inverseWithLogDet', images],
  ] as const) {
    const results = (bad?: number): Readonly<Record<string, number[]>> => {
      const changed = bad === undefined ? rows : rows.with(17, { ...rows[17]!, point: rows[17]!.point.map(() => bad) });
      return {
        'value and log-determinant': numbers(at(method, changed)),
        'the gradient': gradientsOf(bijector, method, changed, {}).input,
      };
    };
    const good = results();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      for (const [what, got] of Object.entries(results(bad))) {
        expectAgreement(got, good[what]!, {
          what: `${method}, ${what} beside a row of ${bad}`,
          width: got.length / rows.length,
          except: (row) => row === 17,
        });
      }
    }
  }
};
