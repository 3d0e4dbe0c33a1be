import { FlowError, unknownName } from '@impflow/core';
import { registries as builtIn, type Registries } from '@impflow/flows';
import { sourceKind, type SourceKind } from '../dataset/source.ts';
import { pluginSpec } from './plugin-spec.ts';
import { FITTED, flag, type RunKind } from './run-kind.ts';
import type { TrainOptions } from './settings.ts';

interface KindOptions {
  /** Name in messages. */
  readonly name: string;
  readonly presets: readonly NonNullable<TrainOptions['preset']>[];
  readonly models: readonly string[];
  /** Options that this kind of run has and others lack. */
  readonly own: readonly (keyof TrainOptions)[];
}

const DENSITY = ['blocks', 'hidden', 'adjoint', 'logdet', 'base', 'memory'] as const;

const KINDS: Readonly<Record<RunKind, KindOptions>> = {
  rows: {
    name: 'densities of rows',
    presets: ['toy', 'tabular'],
    models: ['implicit', 'residual', 'coupling'],
    own: [...DENSITY, 'columns', 'validation', 'test', 'header', 'separator', 'decimal'],
  },
  images: {
    name: 'densities of images',
    presets: ['image'],
    models: ['implicit', 'residual', 'coupling'],
    own: [...DENSITY, 'scales', 'kernels', 'factorOut', 'denseBlocks', 'denseHidden', 'flip', 'crop', 'testImages'],
  },
  classes: {
    name: 'classifiers of images',
    presets: ['classifier'],
    models: ['implicit', 'residual', 'vanilla'],
    own: ['widths', 'flip', 'crop', 'testImages'],
  },
};

const SPECIAL = [...new Set(Object.values(KINDS).flatMap(({ own }) => own))];

/** Whether the options ask for a classifier, by the task or by the preset. */
export const classifies = ({ task, preset }: Pick<TrainOptions, 'task' | 'preset'>): boolean =>
  (task ?? (preset === 'classifier' ? 'classify' : 'density')) === 'classify';

/**
 * The kind of a new run, by its options and the kind of its data.
 *
 * @throws `option` for options that this kind of run does not have, with the kinds that have them. Nothing has been
 * read or started before.
 */
export const runKind = async (given: TrainOptions, { block }: Pick<Registries, 'block'>): Promise<RunKind> => {
  const source = await sourceKind(given.data!);
  const kind: RunKind = classifies(given) ? 'classes' : source === 'images' ? 'images' : 'rows';
  if (kind === 'classes' && source === 'table') {
    throw wrong(`Only images can be classified, and ${given.data!} holds rows`, {
      expected: 'images with labels',
      got: 'a table or a toy',
      hint: `Give a folder of class folders or a bundled set such as digits, or leave ${given.task === undefined ? '--preset' : '--task'} out.`,
    });
  }
  checkKind(given, kind, source);
  checkModel(
    given,
    kind,
    block.names.filter((name) => !builtIn.block.has(name)),
  );
  return kind;
};

const checkKind = (given: TrainOptions, kind: RunKind, source: SourceKind): void => {
  const { name, presets, own } = KINDS[kind];
  const { preset, data } = given;
  if (preset !== undefined && !presets.includes(preset)) {
    const fitting = preset === 'classifier' ? '--task classify' : source === 'images' ? 'rows of numbers' : 'images';
    throw wrong(`--preset ${preset} does not fit ${name}`, {
      expected: `--preset ${presets.join(' or ')} for ${data!}`,
      got: preset,
      hint: `Leave it out; ${preset} is for ${fitting}.`,
    });
  }
  if (given.base?.startsWith(`${FITTED}:`) === true)
    throw wrong(`--base ${FITTED} has no options`, {
      expected: `--base ${FITTED}`,
      got: `--base ${given.base}`,
      hint: 'The mixture is chosen by the rows.',
    });
  if (given.base === FITTED && kind === 'images') {
    throw wrong(`--base ${FITTED} does not fit ${name}`, {
      expected: `--base ${FITTED} with ${KINDS.rows.name}`,
      got: data!,
      hint: 'Choose another --base, or leave it out.',
    });
  }
  const idle = SPECIAL.find((option) => given[option] !== undefined && !own.includes(option));
  if (idle === undefined) return;
  const owners = Object.values(KINDS).flatMap((other) => (other.own.includes(idle) ? [other.name] : []));
  throw wrong(`${flag(idle)} has no use for ${name}`, {
    expected: `${flag(idle)} with ${owners.join(' or ')}`,
    got: data!,
    hint: 'Leave it out.',
  });
};

/** Checks `--model`. A density may use the blocks of a plugin. */
const checkModel = ({ model }: TrainOptions, kind: RunKind, plugged: readonly string[]): void => {
  const { name, models } = KINDS[kind];
  const fitting = kind === 'classes' ? models : [...models, ...plugged];
  if (model === undefined) return;
  const spec = pluginSpec('--model', model);
  const builtIn = Object.values(KINDS).some((other) => other.models.includes(spec.name));
  if (builtIn && spec.options !== undefined)
    throw wrong(`The model ${spec.name} has no options`, {
      expected: `--model ${spec.name}`,
      got: `--model ${model}`,
      hint: 'Its nets are described by --hidden, --coeff and others: see --help.',
    });
  if (fitting.includes(spec.name)) return;
  if (!builtIn) throw unknownName('cli', 'value of --model', spec.name, fitting);
  throw wrong(`--model ${model} does not fit ${name}`, {
    expected: `one of ${fitting.join(', ')}`,
    got: model,
    hint: 'Choose another --model.',
  });
};

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);
