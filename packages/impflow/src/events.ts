import type { StepMetrics } from '@impflow/training';
import type { ColumnReport } from './table/column-report.ts';

/** An event of a training, for a progress bar or a log. The library prints nothing. */
export type FitEvent = ColumnsEvent | ChoiceEvent | StartEvent | StepEvent | RemarkEvent;

/** The columns were read. The event has the kind of each column and the assumptions about it. */
export interface ColumnsEvent {
  /** Tells the events apart. */
  readonly kind: 'columns';
  /** The columns in their order. */
  readonly columns: readonly ColumnReport[];
}

/** One candidate of a choice, such as the choice of the scaling, was evaluated on validation rows or by folds. */
export interface ChoiceEvent {
  /** Tells the events apart. */
  readonly kind: 'choice';
  /** What is chosen. `scaling`: the options `scaling` and `transform` together. */
  readonly of: 'scaling' | 'base';
  /** The candidate. */
  readonly candidate: string;
  /** Mean loss of the candidate on these rows, in nats per row. */
  readonly loss: number;
  /** Whether the candidate is the best so far. A later candidate may replace it. */
  readonly taken: boolean;
  /** The result in a sentence. */
  readonly text: string;
}

/** The steps begin. If a second training starts from the fitted mixture, it has its own event. */
export interface StartEvent {
  /** Tells the events apart. */
  readonly kind: 'start';
  /** Number of steps that were done before; 0 in a new training. */
  readonly step: number;
}

/** A step is done. */
export interface StepEvent extends StepMetrics {
  /** Tells the events apart. */
  readonly kind: 'step';
  /** Number of steps of the whole training; an estimate in a timed training. */
  readonly steps: number;
  /** Wall time of the step in seconds, validation included. */
  readonly seconds: number;
  /** Share of the time or of the steps that has passed, in `[0, 1]`. */
  readonly progress: number;
  /** Share of the held-out images that are classified correctly. Present only for a classifier, after a validation. */
  readonly accuracy?: number;
}

/** A remark for the user, as a sentence. */
export interface RemarkEvent {
  /** Tells the events apart. */
  readonly kind: 'remark';
  /** The sentence. */
  readonly text: string;
}

/** Receives the events of a training. */
export type OnEvent = (event: FitEvent) => void;
