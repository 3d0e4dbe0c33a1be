import { TRAIN_TASK_OPTIONS, type Parameter, type SweepRequest, type TrialOptions } from '@impflow/jobs';
import type { DataPlace } from 'impflow/run';
import { placesOf } from '../dataset/places.ts';
import { pluginSource } from '../plugins/registries.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { readSweepFile, type SweepNumbers } from './sweep-file.ts';

/** Options of `sweep` that choose the trials. Options of `train` hold for all trials. */
export interface TrialFlags
  extends
    Omit<TrainOptions, 'workers' | 'out' | 'steps' | 'seconds' | 'epochs' | 'until' | 'resume' | 'force'>,
    SweepNumbers {
  readonly param?: readonly Parameter[];
}

/** Options of `train` that all trials may have. `steps` is the length of a trial. */
const namesOfTrials = (): readonly string[] => [
  ...Object.keys(TRAIN_TASK_OPTIONS).filter((name) => name !== 'steps'),
  'data',
  'validation',
  'test',
  'backend',
];

/**
 * The sweep that a file and the options ask for; options override the file. Undefined if neither names one.
 *
 * @throws as {@link readSweepFile}.
 */
export const requestOf = async (file: string | undefined, flags: TrialFlags): Promise<SweepRequest | undefined> => {
  const spec = file === undefined ? undefined : await readSweepFile(file);
  const { param = [], trials, search, halving, asynchronous, steps, minSteps, plugin = [] } = flags;
  const numbers = defined({ trials, search, halving, asynchronous, steps, minSteps });
  const own = defined(Object.fromEntries(namesOfTrials().map((name) => [name, flags[name as keyof TrialFlags]])));
  if (spec === undefined && param.length + Object.keys({ ...numbers, ...own }).length === 0) return undefined;
  const { data, validation, test, backend, ...options } = { ...spec?.options, ...own } as TrialOptions &
    Partial<DataPlace> & { readonly backend?: string };
  return {
    ...spec?.numbers,
    ...numbers,
    // Without data, the options of trial 0 are refused.
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

/** The fields that have a value. */
const defined = <T extends object>(fields: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
