import { TRAIN_TASK_OPTIONS, type Parameter, type SweepRequest, type TrialOptions } from '@impflow/jobs';
import type { DataPlace } from 'impflow/run';
import { placesOf } from '../dataset/places.ts';
import { pluginSource } from '../plugins/registries.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { readSweepFile, SWEEP_NUMBERS, type SweepNumbers } from './sweep-file.ts';

/** Options of `sweep` that determine the trials. They include options of `train`, which apply to all trials. */
export interface TrialFlags
  extends
    Omit<TrainOptions, 'workers' | 'out' | 'steps' | 'seconds' | 'epochs' | 'until' | 'resume' | 'force'>,
    SweepNumbers {
  readonly param?: readonly Parameter[];
}

/**
 * Returns the names of the options of `train` that may be given for all trials. If a setting of the sweep has the name
 * of an option of `train`, the flag sets only the setting. For example, `--steps` sets the length of a trial.
 */
const namesOfTrials = (): readonly string[] => [
  ...Object.keys(TRAIN_TASK_OPTIONS).filter((name) => !SWEEP_NUMBERS.some((own) => own === name)),
  'data',
  'validation',
  'test',
  'backend',
];

/**
 * Returns the sweep that the file and the options describe. Options override the file. Returns undefined if neither a
 * file nor an option describes a sweep.
 *
 * @throws as {@link readSweepFile}.
 */
export const requestOf = async (file: string | undefined, flags: TrialFlags): Promise<SweepRequest | undefined> => {
  const spec = file === undefined ? undefined : await readSweepFile(file);
  const { param = [], plugin = [] } = flags;
  const numbers = defined(Object.fromEntries(SWEEP_NUMBERS.map((name) => [name, flags[name]])) as SweepNumbers);
  const own = defined(Object.fromEntries(namesOfTrials().map((name) => [name, flags[name as keyof TrialFlags]])));
  if (spec === undefined && param.length + Object.keys({ ...numbers, ...own }).length === 0) return undefined;
  const { data, validation, test, backend, ...options } = { ...spec?.options, ...own } as TrialOptions &
    Partial<DataPlace> & { readonly backend?: string };
  return {
    ...spec?.numbers,
    ...numbers,
    // Without data, the check of the options of trial 0 throws an error.
    place: placesOf({ data, validation, test }) as DataPlace,
    parameters: [
      ...(spec?.parameters ?? []).filter(({ name }) => !param.some((parameter) => parameter.name === name)),
      ...param,
    ],
    options,
    plugins: plugin.map(pluginSource),
    ...(backend === undefined ? {} : { backend }),
  };
};

/** Returns the fields that are not undefined. */
const defined = <T extends object>(fields: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
