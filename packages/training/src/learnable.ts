import type { Key, NamedVariables, RefreshOptions, SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A model that can be trained, such as a flow. */
export interface Trainable {
  /** Variables that the optimizer updates. */
  readonly parameters: NamedVariables;
  /** Variables that are saved with the model but have no gradient. */
  readonly buffers: NamedVariables;
  /** Updates the Lipschitz bounds after the parameters changed. For a model without bounds, `refresh` does nothing. */
  refresh(options?: RefreshOptions): void;
}

/** A model and its loss. */
export interface Learnable {
  /** Variables that the loss depends on. */
  readonly model: Pick<Trainable, 'parameters' | 'buffers'>;
  /**
   * Returns the mean loss over the rows of a batch, as a scalar that tfjs can differentiate. The function passes
   * `report` to the solvers of the model's equations.
   */
  readonly loss: (batch: Tensor, key: Key, report: (report: SolveReport) => void) => Tensor;
}
