import type { Option, Options } from '@impflow/core';
import { IMAGE_OPTIONS, type PlainImageChoices } from '@impflow/vision';
import { OPTIONS, type PlainChoices } from 'impflow/run';

/** Values of {@link TRAIN_OPTIONS}, by name. Methods are strings. Each value may be left out. */
export interface TrainChoices extends Omit<PlainChoices, 'preset'>, Omit<PlainImageChoices, keyof PlainChoices> {
  /** Name of a preset of sizes and Lipschitz caps, for a table or for images. Default: no preset. */
  readonly preset?: NonNullable<PlainChoices['preset'] | PlainImageChoices['preset']>;
}

/** Options of a {@link TrainTask}. The length of the training is given in steps, and not in seconds or epochs. */
export type TrainTaskOptions = Omit<TrainChoices, 'seconds' | 'epochs'>;

/**
 * Joins an option of tables and an option of images that have the same name. The joined option accepts the values of
 * the two options.
 */
const joined = (table: Option, image: Option): Option =>
  ({
    ...table,
    ...('values' in table && 'values' in image ? { values: union(table.values, image.values) } : {}),
    ...('names' in table && 'names' in image ? { names: union(table.names, image.names) } : {}),
    ...('meanings' in image ? { meanings: { ...('meanings' in table ? table.meanings : {}), ...image.meanings } } : {}),
    ...(image.otherwise === undefined ? {} : { otherwise: `${table.otherwise}; for images ${image.otherwise}` }),
  }) as Option;

const union = (a: readonly string[] = [], b: readonly string[] = []): readonly string[] => [...new Set([...a, ...b])];

const TABLES: Options = OPTIONS;
const IMAGES: Options = IMAGE_OPTIONS;

/**
 * The records of all options of a training, by name: the options of tables and of images. If a table and images both
 * have an option of this name, the record joins the two.
 */
export const TRAIN_OPTIONS: Options = Object.fromEntries(
  Object.entries({ ...TABLES, ...IMAGES }).map(([name, option]) => [
    name,
    TABLES[name] === undefined || IMAGES[name] === undefined || TABLES[name] === IMAGES[name]
      ? option
      : joined(TABLES[name], IMAGES[name]),
  ]),
);

const without = (options: Options, names: readonly string[]): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));

/** The options that a training task may have: {@link TRAIN_OPTIONS} without `seconds` and `epochs`. */
export const TRAIN_TASK_OPTIONS: Options = without(TRAIN_OPTIONS, ['seconds', 'epochs']);

/** Groups of options that change the rows. */
const ABOUT_DATA: readonly string[] = ['columns', 'reading'];
/** Options that determine the validation rows, the meaning of their loss, and the length of a trial. */
const COMMON = ['steps', 'validateEvery', 'seed', 'task', 'testImages'];

/**
 * The options that may be parameters of a sweep: options of the flow and of the training, and the maps of columns. If
 * trials differed in any other option, their validation losses could not be compared.
 */
export const SWEPT: Options = without(
  Object.fromEntries(
    Object.entries(TRAIN_TASK_OPTIONS).filter(
      ([name, { group }]) => !ABOUT_DATA.includes(group) || name === 'transform',
    ),
  ),
  COMMON,
);
