import { FlowError, shown } from '@impflow/core';

/** A function that returns the factor of the learning rate at step `0, 1, ...`. */
export type Schedule = (step: number) => number;

/** Schedule with the factor 1 at every step. */
export const constant = (): Schedule => () => 1;

/**
 * Linear warm-up: for the first `steps` steps, the factor is `then(0) (step + 1) / steps`. Later steps have the factor
 * `then(step - steps)`. `then` is constant by default.
 *
 * @throws `option` if `steps` is negative or not an integer.
 */
export const warmup = (steps: number, then: Schedule = constant()): Schedule => {
  assertSteps('warmup', steps, 0);
  return (step) => (step < steps ? ((step + 1) / steps) * then(0) : then(step - steps));
};

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Number of steps in which the factor falls from 1 to `floor`. The factor stays at `floor` afterwards. */
  readonly steps: number;
  /** Smallest factor, in `[0, 1]`. Default 0. */
  readonly floor?: number;
}

/**
 * Schedule whose factor falls from 1 to `floor` along half a period of a cosine.
 *
 * @throws `option` for options out of range.
 * @see Loshchilov, Hutter, SGDR, ICLR 2017 (arXiv:1608.03983), equation 5, without restarts.
 */
export const cosine = ({ steps, floor = 0 }: CosineOptions): Schedule => {
  assertSteps('cosine', steps, 1);
  if (!(floor >= 0 && floor <= 1))
    throw new FlowError('option', 'training/cosine', 'Wrong floor', {
      expected: 'a number in [0, 1]',
      got: shown(floor),
    });
  return (step) => floor + (1 - floor) * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));
};

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** Factor by which the learning rate changes in `every` steps, `(0, 1]`. */
  readonly decay: number;
  /** Number of steps after which the factor is multiplied by `decay`. Default 1. */
  readonly every?: number;
}

/** Exponential decay: the factor is `decay^(step / every)`. @throws `option` for options out of range. */
export const exponential = ({ decay, every = 1 }: ExponentialOptions): Schedule => {
  assertSteps('exponential', every, 1);
  if (!(decay > 0 && decay <= 1))
    throw new FlowError('option', 'training/exponential', 'Wrong decay', {
      expected: 'a number in (0, 1]',
      got: shown(decay),
    });
  return (step) => decay ** (step / every);
};

const assertSteps = (name: string, steps: number, least: number): void => {
  if (Number.isSafeInteger(steps) && steps >= least) return;
  throw new FlowError('option', `training/${name}`, 'Wrong number of steps', {
    expected: `an integer >= ${least}`,
    got: shown(steps),
  });
};
