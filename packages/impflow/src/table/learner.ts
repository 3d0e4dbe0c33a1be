import { FlowError, scoped, type Key } from '@impflow/core';
import type { BuildOptions } from '@impflow/flows';
import { recordFlow, type RecordFlow, type RecordsSpec } from '@impflow/tables';
import type { Learnable, Trainable } from '@impflow/training';
import { mean, mul, neg, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';

/**
 * A density of table rows that is being trained, with its loss. A row of a batch contains an event of the
 * {@link RecordFlow} (the input vector of the flow), followed by the weight of the row if rows have weights.
 */
export interface Learner extends Learnable {
  /** The density with its spec. */
  readonly density: RecordFlow;
  /** The flow that is trained. */
  readonly model: Trainable;
}

/**
 * Builds the density that a spec describes, with new parameters. The main thread and the workers use this function. The
 * loss is the weighted mean of `-log p`.
 */
export const buildLearner = (spec: RecordsSpec, options: BuildOptions = {}): Learner => {
  const density = recordFlow(spec, options);
  return {
    density,
    model: density.flow,
    loss: (batch, key, report) => {
      const densities = density.logProb(eventsIn(batch, density), { train: true, key, report });
      return neg(mean(batch.shape[1] === density.size ? densities : mul(weightsIn(batch), densities)));
    },
  };
};

/** Returns the events of a batch `[B, size]` or `[B, size + 1]`. */
const eventsIn = (batch: Tensor, { size }: RecordFlow): Tensor =>
  batch.shape[1] === size ? batch : slice(batch, [0, 0], [batch.shape[0]!, size]);

const weightsIn = (batch: Tensor): Tensor => {
  const [rows, width] = batch.shape as [number, number];
  return reshape(slice(batch, [0, width - 1], [rows, 1]), [rows]);
};

/**
 * Initializes the layers that depend on the data, such as act-norms, with the first batch. Then checks that the
 * log-densities of this batch are finite, so that an unsuitable solver, estimator or base density fails before
 * training.
 *
 * @throws `option` if the log-densities are not all finite.
 */
export const initializeLearner = ({ density }: Learner, batch: Tensor, key: Key): void =>
  scoped(() => {
    const events = eventsIn(batch, density);
    const [rows, d, m] = [events.shape[0]!, density.layout.numbers.length, density.layout.contextSize];
    // A flow with a context contains no act-norm, so none of its layers is initialized from the data.
    if (m === 0) density.flow.initialize(slice(events, [0, 0], [rows, d]), { train: true });
    const densities = density.logProb(events, { train: true, key }).dataSync<'float32'>();
    const without = densities.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    if (without === 0) return;
    throw new FlowError('option', 'impflow/fit', `The base density ${density.flow.base.name} does not fit the table`, {
      expected: 'a finite log-density of every row',
      got: `no finite value for ${without} of ${densities.length} rows before training`,
      hint: 'Set the option base to another one, or look for extreme values.',
    });
  });
