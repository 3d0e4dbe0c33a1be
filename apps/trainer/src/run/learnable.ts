import type { NormalizingFlow } from '@impflow/flows';
import type { Learnable } from '@impflow/training';
import { mean, neg } from '@tensorflow/tfjs-core';

/** What `train` makes small: the mean negative log-density. */
export const learnable = (flow: NormalizingFlow): Learnable & { readonly model: NormalizingFlow } =>
  ({ model: flow, loss: (rows, key, report) => neg(mean(flow.logProb(rows, { train: true, key, report }))) });
