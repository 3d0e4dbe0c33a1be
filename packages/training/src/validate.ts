import { release, type Key, type RefreshOptions } from '@impflow/core';
import { preserving, withParameters } from './ema.ts';
import type { Trainable } from './fit-options.ts';
import type { Validation } from './metrics.ts';
import { cloned } from './records.ts';
import type { TrainingState } from './state.ts';

export interface ValidateOptions {
  readonly model: Trainable;
  readonly validate: (key: Key) => Validation | Promise<Validation>;
  readonly key: Key;
  readonly tightRefresh?: RefreshOptions;
}

export interface Validated {
  readonly state: TrainingState;
  readonly validation: Validation;
  readonly best: boolean;
}

/**
 * Measures the candidate weights and keeps them where they are the best so far. Takes `state` over.
 *
 * @remarks The tight refresh moves the power vectors, and under averaged weights to those of another model: buffers are put
 * back like parameters, so training goes on as if nobody had looked. A result that is not finite is never the best.
 */
export const validated = ({ model, validate, key, tightRefresh = { tolerance: 1e-5 } }: ValidateOptions, state: TrainingState): Promise<Validated> => {
  const measure = async (): Promise<Validated> => {
    model.refresh(tightRefresh);
    const { nats, standardError } = await validate(key);
    const validation = { nats, standardError };
    if (!(Number.isFinite(nats) && nats < (state.best?.nats ?? Infinity))) return { state: { ...state, sinceBest: state.sinceBest + 1 }, validation, best: false };
    const best = { step: state.step, ...validation, parameters: cloned(model.parameters), buffers: cloned(model.buffers) };
    release(state.best);
    return { state: { ...state, best, sinceBest: 0 }, validation, best: true };
  };
  return preserving(model.buffers, () => state.ema === undefined ? measure() : withParameters(model.parameters, state.ema, measure));
};
