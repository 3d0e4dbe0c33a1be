import type { StepMetrics } from '@impflow/training';
import type { ColumnReport } from './table/column-report.ts';

/** An event of a training, for a progress bar or a log. The library prints nothing. */
export type FitEvent = ColumnsEvent | ChoiceEvent | StartEvent | StepEvent | RemarkEvent;

/**
 * Event after the columns were read and the rows were split. The event contains the kind of each column and the assumptions about the column.
 */
export interface ColumnsEvent {
  /** Kind of the event. */
  readonly kind: 'columns';
  /** The columns, in the order of the table. */
  readonly columns: readonly ColumnReport[];
}

/**
 * Event after one candidate of a choice, such as a scaling of the columns, was evaluated on validation rows or by
 * cross-validation folds.
 */
export interface ChoiceEvent {
  /** Kind of the event. */
  readonly kind: 'choice';
  /**
   * The choice to which the candidate belongs. `scaling` is the choice of the options `scaling` and `transform`
   * together, and `model` the choice of the kind of block.
   */
  readonly of: 'scaling' | 'model' | 'base';
  /** The candidate value, in words. */
  readonly candidate: string;
  /**
   * Mean loss of the candidate on the held-out rows, in nats per row: the loss of a mixture, or of a flow after a short
   * training, as `text` says. Only losses of the same kind can be compared.
   */
  readonly loss: number;
  /** Whether the candidate is the best so far. A later candidate may replace it. */
  readonly taken: boolean;
  /** The result of the evaluation, in a sentence. */
  readonly text: string;
}

/**
 * Event before the first step of a training. A second training, which starts from the fitted mixture, has its own
 * event.
 */
export interface StartEvent {
  /** Kind of the event. */
  readonly kind: 'start';
  /** Number of steps that the training has already made; 0 in a new training. */
  readonly step: number;
}

/** Event after each step of the training. */
export interface StepEvent extends StepMetrics {
  /** Kind of the event. */
  readonly kind: 'step';
  /** Number of steps of the whole training. In a training with a time limit, the number is an estimate. */
  readonly steps: number;
  /** Wall time of the step in seconds, validation included. */
  readonly seconds: number;
  /** Finished share of the training time or of the steps, in `[0, 1]`. */
  readonly progress: number;
  /** Share of the held-out images that are classified correctly. Present only for a classifier, after a validation. */
  readonly accuracy?: number;
}

/** Event with a remark for the user. */
export interface RemarkEvent {
  /** Kind of the event. */
  readonly kind: 'remark';
  /** The remark, as a sentence. */
  readonly text: string;
}

/** Receives the events of a training. */
export type OnEvent = (event: FitEvent) => void;
