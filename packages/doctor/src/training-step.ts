import { key, drawNormal, scoped, settle, valueAndGradients } from '@impflow/core';
import { buildFlow, toyPreset } from '@impflow/flows';
import { add, mean, neg, sum, type Tensor } from '@tensorflow/tfjs-core';
import { filled, giveBack } from './reference-flow.ts';
import { timeSeries } from './timing.ts';

/**
 * Returns the time of a gradient step on the running backend, in milliseconds. A step computes the loss and the
 * gradient of two blocks of the toy preset (128-128) on 500 rows, and refreshes the norms of their layers.
 */
export const measureStep = async (budgetMs: number): Promise<number> => {
  const flow = filled(buildFlow(toyPreset({ blocks: 2 })));
  const x = drawNormal(key(3), [500, 2]);
  const step = async (): Promise<Tensor> => {
    const loss = await settle(() =>
      scoped(() => {
        const { value, gradients } = valueAndGradients(
          () => neg(mean(flow.logProb(x, { train: true, key: key(4) }))),
          flow.parameters,
        );
        // The result depends on every gradient, so that a device that defers work must compute all of them.
        return Object.values(gradients).reduce<Tensor>((total, gradient) => add(total, sum(gradient)), value);
      }),
    );
    flow.refresh({ tolerance: 1e-3 });
    return loss;
  };
  try {
    return await timeSeries(step, budgetMs);
  } finally {
    x.dispose();
    giveBack(flow);
  }
};
