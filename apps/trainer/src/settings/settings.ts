import type { TrainChoices } from '@impflow/jobs';
import { DEFAULT_BACKEND, type ComputingOptions } from '../adapters/backends.ts';
import type { Workers } from './workers.ts';

/** Defaults of options that help texts mention. */
export const DEFAULTS: { readonly backend: string; readonly seed: number; readonly steps: number } = {
  backend: DEFAULT_BACKEND,
  seed: 0,
  steps: 1000,
};

/** Returns the flag of an option: `--validate-every` for `validateEvery`. */
export const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The options of `train` as given. A missing option has a default, or its value follows from the data. */
export interface TrainOptions extends TrainChoices, ComputingOptions {
  /** Number of workers, `auto`, or the workers of an MPI job. Default `auto`. */
  readonly workers?: Workers;
  readonly data?: string;
  readonly validation?: string;
  readonly test?: string;
  /** Number of steps after which the run pauses, without its evaluation on the test data. */
  readonly until?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
}
