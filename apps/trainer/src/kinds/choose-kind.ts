import { FlowError, unknownName } from '@impflow/core';
import { builtInRegistries, type Registries } from '@impflow/flows';
import type { RunData } from '../dataset/run-data.ts';
import { sourceKind } from '../dataset/source.ts';
import { pluginSpec } from '../plugins/plugin-spec.ts';
import { FITTED, flag, type TrainOptions } from '../settings/settings.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';

/** Options that only some kinds have. */
const SPECIAL = [...new Set(KINDS.flatMap(({ options }) => options))];

/**
 * The kind of a new run, by its options and the content of its data.
 *
 * @throws `option` for options that this kind of run does not have, with the kinds that have them. Nothing has been
 * read or started before.
 */
export const chooseKind = async (given: TrainOptions, { block }: Pick<Registries, 'block'>): Promise<Kind> => {
  const source = await sourceKind(given.data!);
  const task = given.task ?? KINDS.find(({ presets }) => presets.includes(given.preset!))?.task ?? 'density';
  const fitting = KINDS.filter((each) => each.task === task && each.source === source);
  const [first] = fitting;
  if (first === undefined)
    throw wrong(`Only images can be classified, and ${given.data!} holds rows`, {
      expected: 'images with labels',
      got: 'a table or a toy',
      hint: `Give a folder of class folders or a bundled set such as digits, or leave ${given.task === undefined ? '--preset' : '--task'} out.`,
    });
  // Of two kinds with the same source, such as rows and records, the first that has all options; else one that has some
  // which the first lacks, so that the message names the others.
  const kind =
    fitting.find(({ options }) => idleOption(given, options) === undefined) ??
    fitting.find(({ options }) => options.some((name) => isGiven(given, name) && !first.options.includes(name))) ??
    first;
  check(given, kind, { block });
  return kind;
};

/**
 * The kind of a run whose data are read: that of its options, unless the data are of another kind, such as a table with
 * texts.
 *
 * @throws `option` for options that this kind does not have.
 */
export const kindOfData = (
  chosen: Kind,
  data: RunData,
  given: TrainOptions,
  registries: Pick<Registries, 'block'>,
): Kind => {
  const kind =
    chosen.holds === data.kind ? chosen : KINDS.find((each) => each.holds === data.kind && each.task === chosen.task);
  if (kind === undefined || kind === chosen) return chosen;
  check(given, kind, registries);
  return kind;
};

const check = (given: TrainOptions, kind: Kind, { block }: Pick<Registries, 'block'>): void => {
  checkPreset(given, kind);
  checkFitted(given, kind);
  checkOptions(given, kind);
  checkModel(
    given,
    kind,
    block.names.filter((name) => !builtInRegistries.block.has(name)),
  );
};

const checkPreset = ({ preset, data }: TrainOptions, { title, presets, source }: Kind): void => {
  if (preset === undefined || presets.includes(preset)) return;
  const fitting = preset === 'classifier' ? '--task classify' : source === 'images' ? 'rows of numbers' : 'images';
  throw wrong(`--preset ${preset} does not fit ${title}`, {
    expected: `--preset ${presets.join(' or ')} for ${data!}`,
    got: preset,
    hint: `Leave it out; ${preset} is for ${fitting}.`,
  });
};

/** Checks `--base fitted`. */
const checkFitted = ({ base, data }: TrainOptions, { title, fitsMixture, options }: Kind): void => {
  if (base?.startsWith(`${FITTED}:`) === true)
    throw wrong(`--base ${FITTED} has no options`, {
      expected: `--base ${FITTED}`,
      got: `--base ${base}`,
      hint: 'The mixture is chosen by the rows.',
    });
  // A kind without base densities is told so by `checkOptions`.
  if (base !== FITTED || fitsMixture || !options.includes('base')) return;
  throw wrong(`--base ${FITTED} does not fit ${title}`, {
    expected: `--base ${FITTED} with ${titles((kind) => kind.fitsMixture)}`,
    got: data!,
    hint: 'Choose another --base, or leave it out.',
  });
};

const checkOptions = (given: TrainOptions, { title, options }: Kind): void => {
  const idle = idleOption(given, options);
  if (idle === undefined) return;
  throw wrong(`${flag(idle)} has no use for ${title}`, {
    expected: `${flag(idle)} with ${titles((kind) => kind.options.includes(idle))}`,
    got: given.data!,
    hint: 'Leave it out.',
  });
};

/** An option that is given and that a kind does not have. */
const idleOption = (given: TrainOptions, options: Kind['options']): (typeof SPECIAL)[number] | undefined =>
  SPECIAL.find((option) => isGiven(given, option) && !options.includes(option));

const isGiven = (given: TrainOptions, option: Kind['options'][number]): boolean => given[option] !== undefined;

const titles = (which: (kind: Kind) => boolean): string =>
  KINDS.filter(which)
    .map(({ title }) => title)
    .join(' or ');

/** Checks `--model`. A density may use the blocks of a plugin. */
const checkModel = (
  { model }: TrainOptions,
  { title, models, takesBlocks }: Kind,
  plugged: readonly string[],
): void => {
  if (model === undefined) return;
  const fitting = takesBlocks ? [...models, ...plugged] : models;
  const spec = pluginSpec('--model', model);
  const known = KINDS.some((other) => other.models.includes(spec.name));
  if (known && spec.options !== undefined)
    throw wrong(`The model ${spec.name} has no options`, {
      expected: `--model ${spec.name}`,
      got: `--model ${model}`,
      hint: 'Its nets are described by --hidden, --coeff and others: see --help.',
    });
  if (fitting.includes(spec.name)) return;
  if (!known) throw unknownName('cli', 'value of --model', spec.name, fitting);
  throw wrong(`--model ${model} does not fit ${title}`, {
    expected: `one of ${fitting.join(', ')}`,
    got: model,
    hint: 'Choose another --model.',
  });
};

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);
