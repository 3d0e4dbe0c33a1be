import { FlowError, type NamedTensors } from '@impflow/core';
import { toTensor, type HostTensors } from './host-tensor.ts';
import type { OptimizerState } from './optimizer.ts';
import { cloned, mapRecord, prefixed, under } from './records.ts';

/** The best weights so far on held-out data, with their buffers. */
export interface Best {
  /** Number of steps done when the weights were validated. */
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
 * State of a run, apart from the tensors of the model. Together with these tensors it is enough to resume the run
 * exactly.
 */
export interface TrainingState {
  /** Number of steps done. */
  readonly step: number;
  /** State of the optimizer. */
  readonly optimizer: OptimizerState;
  /** Moving average of the parameters, by name. Absent without `emaDecay`, and before the first step. */
  readonly ema?: NamedTensors;
  /** Best weights so far. Absent before the first finite validation. */
  readonly best?: Best;
  /** Number of validations since the best validation. */
  readonly sinceBest: number;
}

/** The part of a {@link TrainingState} that is not tensors: plain JSON. */
export interface StateRecord {
  /** Number of steps done. */
  readonly step: number;
  /** Number of updates that the optimizer has made. */
  readonly optimizerStep: number;
  /** Number of validations since the best validation. */
  readonly sinceBest: number;
  /** Step and result of the best weights; see {@link Best}. */
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
}

/**
 * Returns the tensors of a state under stable names: `optimizer.*`, `ema.*`, `best.parameters.*`, `best.buffers.*`.
 * They still belong to the state.
 */
export const stateTensors = ({ optimizer, ema = {}, best }: TrainingState): NamedTensors => ({
  ...prefixed('optimizer', optimizer.slots),
  ...prefixed('ema', ema),
  ...prefixed('best.parameters', best?.parameters ?? {}),
  ...prefixed('best.buffers', best?.buffers ?? {}),
});

/** Returns the part of a state that is not tensors. */
export const stateRecord = ({ step, optimizer, best, sinceBest }: TrainingState): StateRecord => ({
  step,
  optimizerStep: optimizer.step,
  sinceBest,
  ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
});

/**
 * Returns a state from its tensors and its record: the inverse of {@link stateTensors} and {@link stateRecord}. Belongs
 * to the caller.
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

/** Returns a copy of the state whose tensors share the data of the original tensors. Belongs to the caller. */
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
