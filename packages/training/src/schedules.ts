import { FlowError } from '@impflow/core';

/** What the learning rate is multiplied with at step `0, 1, ...`. */
export type Schedule = (step: number) => number;

/** The learning rate as it is. */
export const constant = (): Schedule => () => 1;

/** Rises as `(step + 1) / steps` to the start of `then`, which counts from where the rise ends. */
export const warmup = (steps: number, then: Schedule = constant()): Schedule => {
  assertSteps('warmup', steps, 0);
  return (step) => step < steps ? (step + 1) / steps * then(0) : then(step - steps);
};

export interface CosineOptions {
  /** Steps from 1 down to the floor, where it stays. */
  readonly steps: number;
  /** `[0, 1]`. Default 0. */
  readonly floor?: number;
}

/** Half a cosine from 1 to `floor`. @see Loshchilov, Hutter, SGDR, ICLR 2017 (arXiv:1608.03983), equation 5, without restarts. */
export const cosine = ({ steps, floor = 0 }: CosineOptions): Schedule => {
  assertSteps('cosine', steps, 1);
  if (!(floor >= 0 && floor <= 1)) throw new FlowError('option', 'training/cosine', 'Wrong floor', { expected: 'a number in [0, 1]', got: String(floor) });
  return (step) => floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(step, steps) / steps));
};

export interface ExponentialOptions {
  /** Factor per `every` steps, `(0, 1]`. */
  readonly decay: number;
  /** Default 1. */
  readonly every?: number;
}

/** `decay^(step / every)`: a smooth decline. */
export const exponential = ({ decay, every = 1 }: ExponentialOptions): Schedule => {
  assertSteps('exponential', every, 1);
  if (!(decay > 0 && decay <= 1)) throw new FlowError('option', 'training/exponential', 'Wrong decay', { expected: 'a number in (0, 1]', got: String(decay) });
  return (step) => decay ** (step / every);
};

const assertSteps = (name: string, steps: number, least: number): void => {
  if (Number.isSafeInteger(steps) && steps >= least) return;
  throw new FlowError('option', `training/${name}`, 'Wrong number of steps', { expected: `an integer >= ${least}`, got: String(steps) });
};
