import { release, type Key, type RefreshOptions } from '@impflow/core';
import { preserving, withParameters } from './ema.ts';
import type { Trainable } from './learnable.ts';
import type { Validation } from './metrics.ts';
import { cloned } from './records.ts';
import type { TrainingState } from './state.ts';

/** Options of {@link validated}; see `FitOptions`. */
export interface ValidateOptions {
  readonly model: Trainable;
  readonly validate: (key: Key) => Validation | Promise<Validation>;
  readonly key: Key;
  readonly tightRefresh?: RefreshOptions;
}

/** Result of one validation. */
export interface Validated {
  /** State with the new best weights, or with `sinceBest` one higher. */
  readonly state: TrainingState;
  readonly validation: Validation;
  /** Whether these weights are the best so far. */
  readonly best: boolean;
}

/**
 * Validates the candidate weights and stores a copy where they are the best so far. Takes ownership of `state`.
 *
 * @remarks The tight refresh changes the power vectors, which are buffers; with a moving average it even fits them to
 * other weights. Buffers are therefore restored like parameters, and validation does not change the later training. A
 * result that is not finite is never the best.
 */
export const validated = (
  { model, validate, key, tightRefresh = { tolerance: 1e-5 } }: ValidateOptions,
  state: TrainingState,
): Promise<Validated> => {
  const measure = async (): Promise<Validated> => {
    model.refresh(tightRefresh);
    const { nats, standardError } = await validate(key);
    const validation = { nats, standardError };
    if (!(Number.isFinite(nats) && nats < (state.best?.nats ?? Infinity)))
      return { state: { ...state, sinceBest: state.sinceBest + 1 }, validation, best: false };
    const best = {
      step: state.step,
      ...validation,
      parameters: cloned(model.parameters),
      buffers: cloned(model.buffers),
    };
    release(state.best);
    return { state: { ...state, best, sinceBest: 0 }, validation, best: true };
  };
  return preserving(model.buffers, () =>
    state.ema === undefined ? measure() : withParameters(model.parameters, state.ema, measure),
  );
};
