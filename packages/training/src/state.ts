import { FlowError, type NamedTensors } from '@impflow/core';
import { toTensor, type HostTensors } from './host-tensor.ts';
import type { OptimizerState } from './optimizer.ts';
import { cloned, mapRecord, prefixed, under } from './records.ts';

/** The best weights so far on held-out data, with the buffers that belong to them. */
export interface Best {
  readonly step: number;
  readonly nats: number;
  readonly standardError: number;
  readonly parameters: NamedTensors;
  readonly buffers: NamedTensors;
}

/** All that a run knows besides its model: with the model's own tensors, enough to go on as if it had never stopped. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly optimizer: OptimizerState;
  readonly ema?: NamedTensors;
  readonly best?: Best;
  /** Validations since the best one. */
  readonly sinceBest: number;
}

/** The part of a {@link TrainingState} that is not tensors: plain JSON. */
export interface StateRecord {
  readonly step: number;
  readonly optimizerStep: number;
  readonly sinceBest: number;
  readonly best?: { readonly step: number; readonly nats: number; readonly standardError: number };
}

/** The tensors of a state under stable dotted names: `optimizer.*`, `ema.*`, `best.parameters.*`, `best.buffers.*`. Borrowed. */
export const stateTensors = ({ optimizer, ema = {}, best }: TrainingState): NamedTensors => ({
  ...prefixed('optimizer', optimizer.slots),
  ...prefixed('ema', ema),
  ...prefixed('best.parameters', best?.parameters ?? {}),
  ...prefixed('best.buffers', best?.buffers ?? {}),
});

/** The part of a state that {@link stateTensors} leaves out. */
export const stateRecord = ({ step, optimizer, best, sinceBest }: TrainingState): StateRecord => ({
  step, optimizerStep: optimizer.step, sinceBest,
  ...(best === undefined ? {} : { best: { step: best.step, nats: best.nats, standardError: best.standardError } }),
});

/** The state of its tensors and record; the inverse of {@link stateTensors} and {@link stateRecord}. Belongs to the caller. @throws `checkpoint`. */
export const stateFrom = (tensors: HostTensors, record: unknown): TrainingState => {
  const { step, optimizerStep, sinceBest, best } = asStateRecord(record);
  const group = (prefix: string): NamedTensors => mapRecord(under(prefix, tensors), toTensor);
  const ema = group('ema');
  return {
    step, sinceBest,
    optimizer: { step: optimizerStep, slots: group('optimizer') },
    ...(Object.keys(ema).length === 0 ? {} : { ema }),
    ...(best === undefined ? {} : { best: { ...best, parameters: group('best.parameters'), buffers: group('best.buffers') } }),
  };
};

/** The same state on handles of its own. */
export const clonedState = ({ optimizer, ema, best, ...rest }: TrainingState): TrainingState => ({
  ...rest,
  optimizer: { ...optimizer, slots: cloned(optimizer.slots) },
  ...(ema === undefined ? {} : { ema: cloned(ema) }),
  ...(best === undefined ? {} : { best: { ...best, parameters: cloned(best.parameters), buffers: cloned(best.buffers) } }),
});

const asStateRecord = (value: unknown): StateRecord => {
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const record = value as StateRecord | null | undefined;
  const counts = [record?.step, record?.optimizerStep, record?.sinceBest].every(isCount);
  const { best } = record ?? {};
  if (counts && (best === undefined || (isCount(best?.step) && Number.isFinite(best?.nats) && typeof best?.standardError === 'number'))) return record!;
  throw new FlowError('checkpoint', 'training/stateFrom', 'Wrong record of a training state', {
    expected: '{ step, optimizerStep, sinceBest, best? }', got: JSON.stringify(value)?.slice(0, 200) ?? 'none', hint: 'This checkpoint cannot be resumed.',
  });
};
