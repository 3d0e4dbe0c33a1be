import type { StepMetrics } from '@impflow/training';
import type { ColumnReport } from './table/column-report.ts';

/** What happens during a training, for a progress bar or a log. The library prints nothing. */
export type FitEvent = ColumnsEvent | ChoiceEvent | StartEvent | StepEvent | RemarkEvent;

/** The columns are read: the kind of each column, and the assumptions about it. */
export interface ColumnsEvent {
  /** Tells the events apart. */
  readonly kind: 'columns';
  /** The columns in their order. */
  readonly columns: readonly ColumnReport[];
}

/** A choice by held-out rows, such as the choice of the scaling: one candidate was judged. */
export interface ChoiceEvent {
  /** Tells the events apart. */
  readonly kind: 'choice';
  /** What is chosen. */
  readonly of: 'scaling' | 'base';
  /** The candidate. */
  readonly candidate: string;
  /** Its mean held-out loss, in nats per row. */
  readonly loss: number;
  /** Whether it is taken, until a later candidate replaces it. */
  readonly taken: boolean;
  /** The same in a sentence. */
  readonly text: string;
}

/** Steps begin. A second training, which begins as the mixture, has its own event. */
export interface StartEvent {
  /** Tells the events apart. */
  readonly kind: 'start';
  /** Steps done before, by a training that is resumed. */
  readonly step: number;
}

/** A step is done. */
export interface StepEvent extends StepMetrics {
  /** Tells the events apart. */
  readonly kind: 'step';
  /** Steps of the whole training: estimated, if it is timed. */
  readonly steps: number;
  /** Wall time of the step in seconds, validation included. */
  readonly seconds: number;
  /** Share of the time or of the steps that has passed, in `[0, 1]`. */
  readonly progress: number;
  /** Share of the held-out images that are classified correctly. Only of a classifier, after a validation. */
  readonly accuracy?: number;
}

/** A remark for the user, as a sentence. */
export interface RemarkEvent {
  /** Tells the events apart. */
  readonly kind: 'remark';
  /** The sentence. */
  readonly text: string;
}

/** Receives what happens. */
export type OnEvent = (event: FitEvent) => void;
