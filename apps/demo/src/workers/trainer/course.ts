import { cosine } from '@impflow/training';
import { LOWEST_RATE } from 'impflow/run';
import type { StepReport, TrainingLength } from '../../protocol/trainer.ts';

/** Number of steps between two validations, as in `impflow train`. */
export const VALIDATE_EVERY = 100;

/** The course of a training: its learning rate, its validations and its end. */
export interface Course {
  /** Returns the factor of the learning rate of the next step. */
  factor(step: number): number;
  /** Returns whether the weights after a step are validated. The last step is always validated. */
  isDue(step: number): boolean;
  /** Takes note of a step. Returns whether the training ended with this step. */
  took(report: StepReport): boolean;
  /** Returns whether the training has ended. */
  isOver(step: number): boolean;
  /** Returns the number of steps after which the training ends, estimated if its length is given in seconds. */
  horizon(step: number): number;
}

/** Returns the course of a training that has already taken `spent` seconds. `length` is read before every step. */
export const courseOf = (length: () => TrainingLength | undefined, spent = 0): Course => {
  let [seconds, longest] = [spent, 0];
  const progress = (step: number): number => {
    const { unit, most } = length() ?? { unit: 'steps', most: Infinity };
    return (unit === 'steps' ? step : seconds) / most;
  };
  return {
    factor: (step) => {
      const now = length();
      if (now === undefined) return 1;
      // With steps, the factors have the same bits as the factors of `impflow train`.
      return now.unit === 'steps'
        ? cosine({ steps: now.most, floor: LOWEST_RATE })(step)
        : cosine({ steps: 1, floor: LOWEST_RATE })(progress(step));
    },
    isDue: (step) => {
      const now = length();
      if (now === undefined) return false;
      // The duration of the last step is not known before the step ends, so the end may come a step early or late.
      const isLast = now.unit === 'steps' ? step === now.most : seconds < now.most && seconds + longest >= now.most;
      return isLast || step % VALIDATE_EVERY === 0;
    },
    took: ({ step, seconds: more }) => {
      const before = progress(step - 1);
      seconds += more;
      longest = Math.max(longest, more);
      return before < 1 && progress(step) >= 1;
    },
    isOver: (step) => progress(step) >= 1,
    horizon: (step) => {
      const now = length();
      if (now === undefined) return step;
      return now.unit === 'steps' ? now.most : Math.max(1, step, Math.round(step / Math.max(1e-9, progress(step))));
    },
  };
};
