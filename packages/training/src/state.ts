import { FlowError, type NamedTensors } from '@impflow/core';
import { toTensor, type HostTensors } from './host-tensor.ts';
import type { OptimizerState } from './optimizer.ts';
import { cloned, mapRecord, prefixed, under } from './records.ts';

/** The weights and buffers with the lowest validation loss so far. */
export interface Best {
  /** Number of training steps after which these weights were validated. */
  readonly step: number;
  /** Mean negative log-density per held-out row, in nats. */
  readonly nats: number;
  /** Standard error of `nats`, in nats. */
  readonly standardError: number;
  /** Parameters by name. */
  readonly parameters: NamedTensors;
  /** Buffers by name. */
  readonly buffers: NamedTensors;
}

/**
 * State of a training run, without the tensors of the model. The state and the tensors of the model suffice to resume
 * the run exactly.
 */
export interface TrainingState {
  /** Number of steps done. */
  readonly step: number;
  /** State of the optimizer. */
  readonly optimizer: OptimizerState;
  /** Moving average of the parameters, by name. Absent without `emaDecay`, and before the first step. */
  readonly ema?: NamedTensors;
  /** Best weights so far. Absent before the first validation with a finite loss. */
  readonly best?: Best;
  /** Number of validations since the best validation. */
  readonly sinceBest: number;
}

/** The fields of a {@link TrainingState} that are not tensors, as plain JSON. */
export interface StateRecord {
  /** Number of steps done. */
  readonly step: number;
  /** Number of updates that the optimizer has made. */
  readonly optimizerStep: number;
  /** Number of validations since the best validation. */
  readonly sinceBest: number;
  /** Step and validation loss of the best weights: see {@link Best}. */
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
}

/**
 * Returns the tensors of a state under stable names: `optimizer.*`, `ema.*`, `best.parameters.*`, `best.buffers.*`. The
 * tensors still belong to the state.
 */
export const stateTensors = ({ optimizer, ema = {}, best }: TrainingState): NamedTensors => ({
  ...prefixed('optimizer', optimizer.slots),
  ...prefixed('ema', ema),
  ...prefixed('best.parameters', best?.parameters ?? {}),
  ...prefixed('best.buffers', best?.buffers ?? {}),
});

/** Returns the fields of a state that are not tensors. */
export const stateRecord = ({ step, optimizer, best, sinceBest }: TrainingState): StateRecord => ({
  step,
  optimizerStep: optimizer.step,
  sinceBest,
  ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
});

/**
 * Restores a state from its tensors and its record. `stateFrom` is the inverse of {@link stateTensors} and
 * {@link stateRecord}. The caller owns the state.
 *
 * @throws `checkpoint` for a wrong record.
 */
export const stateFrom = (tensors: HostTensors, record: unknown): TrainingState => {
  const { step, optimizerStep, sinceBest, best } = asStateRecord(record);
  const group = (prefix: string): NamedTensors => mapRecord(under(prefix, tensors), toTensor);
  const ema = group('ema');
  return {
    step,
    sinceBest,
    optimizer: { step: optimizerStep, slots: group('optimizer') },
    ...(Object.keys(ema).length === 0 ? {} : { ema }),
    ...(best === undefined
      ? {}
      : { best: { ...best, parameters: group('best.parameters'), buffers: group('best.buffers') } }),
  };
};

/**
 * Returns a copy of a state. The tensors of the copy share the data of the original tensors. The caller owns the copy.
 */
export const clonedState = ({ optimizer, ema, best, ...rest }: TrainingState): TrainingState => ({
  ...rest,
  optimizer: { ...optimizer, slots: cloned(optimizer.slots) },
  ...(ema === undefined ? {} : { ema: cloned(ema) }),
  ...(best === undefined
    ? {}
    : { best: { ...best, parameters: cloned(best.parameters), buffers: cloned(best.buffers) } }),
});

const asStateRecord = (value: unknown): StateRecord => {
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const record = value as StateRecord | null | undefined;
  const counts = [record?.step, record?.optimizerStep, record?.sinceBest].every(isCount);
  const { best } = record ?? {};
  if (
    counts &&
    (best === undefined ||
      (isCount(best?.step) && Number.isFinite(best?.nats) && typeof best?.standardError === 'number'))
  )
    return record!;
  throw new FlowError('checkpoint', 'training/stateFrom', 'Wrong record of a training state', {
    expected: '{ step, optimizerStep, sinceBest, best? }',
    got: JSON.stringify(value)?.slice(0, 200) ?? 'none',
    hint: 'This checkpoint cannot be resumed.',
  });
};
