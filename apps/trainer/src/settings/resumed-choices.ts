import { FlowError } from '@impflow/core';
import { TRAIN_OPTIONS } from '@impflow/jobs';
import { flag, type TrainOptions } from './settings.ts';

const mayChange = ([name]: readonly [string, unknown]): boolean => TRAIN_OPTIONS[name]?.resumable === true;

/** Arguments of {@link resumedChoices}. */
interface ResumedChoices {
  readonly given: TrainOptions;
  /** The options that are stored in the run. */
  readonly options: object;
  /** Paths or names of the data of the run. */
  readonly place: object;
  /** Paths or names of the data in the options of this call. */
  readonly places: object;
}

/**
 * Returns the options that may change in a resumed run.
 *
 * @throws `option` for an option that would change the results of the run.
 */
export const resumedChoices = <Choices extends object>(
  choices: Choices,
  { given, options, place, places }: ResumedChoices,
): Partial<Choices> => {
  const fixed = Object.entries(choices).filter((choice) => !mayChange(choice));
  assertSame(fixed, options, given.out!);
  assertSame(Object.entries(places), place, given.out!);
  return Object.fromEntries(Object.entries(choices).filter(mayChange)) as Partial<Choices>;
};

const assertSame = (given: readonly (readonly [string, unknown])[], before: object, folder: string): void => {
  const earlier = before as Readonly<Record<string, unknown>>;
  const changed = given.find(([name, value]) => JSON.stringify(value) !== JSON.stringify(earlier[name]));
  if (changed === undefined) return;
  const [name, value] = changed;
  throw new FlowError('option', 'cli', `${flag(name)} cannot change in a run that is resumed`, {
    expected: earlier[name] === undefined ? 'none, as before' : `${textOf(earlier[name])}, as before`,
    got: textOf(value),
    hint: `Leave this option out, because --resume uses the options of ${folder}. Or start a new run.`,
  });
};

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));
