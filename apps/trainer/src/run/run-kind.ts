/** Kind of a run: a density of rows, a density of images, or a classifier of images. */
export type RunKind = 'rows' | 'images' | 'classes';

/** Values of `--task`. */
export const TASKS = ['density', 'classify'] as const;

/** The value of `--base` for a Gaussian mixture that is fitted to the training rows. */
export const FITTED = 'fitted';

/** The flag of an option: `--validate-every` for `validateEvery`. */
export const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
