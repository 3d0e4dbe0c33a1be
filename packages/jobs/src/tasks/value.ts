import type { TrainTaskOptions } from './train-options.ts';

/** A value of an option of a training, as JSON. */
export type OptionValue = NonNullable<TrainTaskOptions[keyof TrainTaskOptions]>;

/** Returns a value as it is written on the command line. The elements of a list are separated by commas. */
export const valueText = (value: OptionValue): string => String(value);
