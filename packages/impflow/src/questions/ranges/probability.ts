import { key } from '@impflow/core';
import type { TrainedRecords } from '@impflow/tables';
import type { AnyRow } from '../../rows/rows.ts';
import { bindEvent, bindGiven } from './bind-event.ts';
import { estimate, type Probability } from './estimate.ts';
import type { RowEvent } from './event.ts';

/** Options of `probability` of a model. */
export interface ProbabilityOptions<Row = AnyRow> {
  /**
   * The event that is given: the result is the probability of the event among rows that fulfil `given`. For a model
   * with conditions, also a value for each condition. Default: none.
   */
  readonly given?: RowEvent<Row>;
  /**
   * Number of draws of the final estimate, at least 1000. The standard error falls with the square root of this number.
   * Default 10,000.
   */
  readonly draws?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/** Default number of draws. */
export const DRAWS = 10_000;

/** Returns the probability of an event under a model. */
export const probabilityOf = (
  trained: TrainedRecords,
  event: RowEvent,
  { given, draws = DRAWS, seed = 0 }: ProbabilityOptions,
): Probability => {
  const { columns } = trained.density.spec;
  const bound = bindEvent(event, columns);
  const { conditions, event: givenEvent } = bindGiven(given as RowEvent | undefined, columns);
  return estimate({
    model: trained.density,
    conditions: trained.conditions(1, conditions === undefined ? undefined : [conditions]),
    event: bound,
    ...(givenEvent === undefined ? {} : { given: givenEvent }),
    draws,
    key: key(seed),
  });
};
