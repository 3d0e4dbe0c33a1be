import type { Key, NamedVariables, RefreshOptions, SolveReport } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A model that can be trained. Every flow is one. */
export interface Trainable {
  /** Variables that the optimizer updates. */
  readonly parameters: NamedVariables;
  /** Variables that are saved with the model but have no gradient. */
  readonly buffers: NamedVariables;
  /** Tightens Lipschitz bounds after the parameters changed. For a model without bounds this function does nothing. */
  refresh(options?: RefreshOptions): void;
}

/** A model and its loss. */
export interface Learnable {
  /** Variables that the loss depends on. */
  readonly model: Pick<Trainable, 'parameters' | 'buffers'>;
  /**
   * Returns the mean loss over the rows of a batch, a scalar on the tape. Passes `report` to the solves that it runs.
   */
  readonly loss: (batch: Tensor, key: Key, report: (report: SolveReport) => void) => Tensor;
}
