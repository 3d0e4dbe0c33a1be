import {
  BACKENDS,
  DEFAULTS,
  KINDS,
  NETS,
  PLACES,
  RACES,
  SMALL_PRESET,
  TOYS,
  type Config,
  type DataChoice,
  type ModelChoice,
  type PluginChoice,
} from '../config.ts';
import { ACTIVATIONS, fits } from '../labels.ts';
import { applies, LOG_DETS, optionProblem, SOLVERS, type OptionField, type PluginField } from '../plugin-fields.ts';
import { parseNumber, parseWidths, RULES, type NumberRule } from '../rules.ts';
import { STATION_NAMES, type StationName } from '../station-names.ts';
import { addressReader, shortened, type AddressReader } from './address-reader.ts';
import { equalized } from './parameters.ts';
import { decodePoints, encodePoints } from './points-text.ts';
import type { ViewOptions } from './session-types.ts';

// Reads and writes the URL hash of the page. The hash has short, readable keys, and contains only values that differ
// from the defaults. The reader checks each value with the rules that the controls on the page use. The hash never
// contains addresses of plugins, so a link cannot run plugin code.

/** Default display settings. The default of a setting applies if the address has no value for the setting. */
export const DEFAULT_VIEW: ViewOptions = {
  stage: 'density',
  showData: true,
  showSamples: false,
  solves: true,
  norms: true,
  level: 'simple',
};

/** The settings in an address of the page. */
export interface Address {
  readonly config: Config;
  readonly view: ViewOptions;
  /** Points drawn by hand, `[n, 2]`. Absent if the data are not a drawing. */
  readonly drawn?: Float32Array;
  /** The dialog that is open when the page is loaded. */
  readonly open?: 'table';
  /** The station at which the tour begins when the page is loaded. */
  readonly tour?: StationName;
  /** Problems of the address, as sentences. Invalid values are replaced by defaults. */
  readonly complaints: readonly string[];
}

/**
 * Returns the URL hash of a configuration, such as `#data=rings&blocks=6`, or '' if all settings have their defaults.
 * `drawn` contains the points of a drawing. If there are too many points, the hash contains only a selection.
 */
export const toHash = (config: Config, view: ViewOptions = DEFAULT_VIEW, drawn?: Float32Array): string => {
  const choices = [
    ...dataPairs(config.data, drawn),
    ...config.models.slice(0, 2).flatMap((model, i) => modelPairs(model, i === 0 ? '' : '2')),
    ...runPairs(config),
  ];
  const pairs = [
    ...choices,
    ...viewPairs(view),
    ...changed('view', view.level, impliedLevel(choices.map(([key]) => key))),
  ];
  return pairs.length === 0
    ? ''
    : `#${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value)).replaceAll('%2C', ',')}`).join('&')}`;
};

/**
 * Parses a URL hash. Never throws: unknown keys and invalid values are reported in `complaints`, and default values
 * replace invalid values.
 */
export const fromHash = (hash: string): Address => {
  const read = addressReader(hash.replace(/^#/, ''));
  const { data, drawn } = readData(read);
  const first = readModel(read, '');
  const second = read.text('model2') === undefined ? undefined : readModel(read, '2');
  const equalParameters = read.flag('equal', DEFAULTS.equalParameters);
  const both = second === undefined ? [first] : [first, second];
  const config: Config = {
    data,
    equalParameters,
    race: read.choice('race', RACES, DEFAULTS.race),
    // An address that a person typed may specify a second model without widths. The number of parameters of the first
    // model then determines the widths of the second model.
    models: equalParameters && read.text('hidden2') === undefined ? equalized(both) : both,
    seed: read.number('seed', RULES.seed, DEFAULTS.seed),
    learningRate: read.number('lr', RULES.learningRate, DEFAULTS.learningRate),
    batch: read.number('batch', RULES.batch, DEFAULTS.batch),
    steps: read.number('steps', RULES.steps, DEFAULTS.steps),
    backend: read.choice('backend', BACKENDS, DEFAULTS.backend),
    plugins: [],
    play: read.flag('play', DEFAULTS.play),
  };
  const view = readView(read, impliedLevel(read.keys()));
  const open = read.choice('open', ['table', 'nothing'], 'nothing');
  const tour = read.choice('tour', [...STATION_NAMES, 'nothing'], 'nothing');
  return {
    config,
    view,
    complaints: read.complaints(),
    ...(drawn === undefined ? {} : { drawn }),
    ...(open === 'table' ? { open } : {}),
    ...(tour === 'nothing' ? {} : { tour }),
  };
};

/**
 * Keys of the settings that both the simple view and the expert view offer. A link with any other key opens the expert
 * view.
 */
const SIMPLE =
  /^(data|file|drawn|noise|rows|(model|blocks|hidden)2?|equal|race|play|show|colors|points|samples|at|view|open|tour)$/;
const impliedLevel = (keys: readonly string[]): ViewOptions['level'] =>
  keys.every((key) => SIMPLE.test(key)) ? 'simple' : 'expert';

type Pair = readonly [key: string, value: string | number];

/** Returns a list with the pair of key and value. The list is empty if the value is the default. */
const changed = (key: string, value: string | number, standard: string | number): readonly Pair[] =>
  value === standard ? [] : [[key, value]];
const flag = (key: string, value: boolean, standard: boolean): readonly Pair[] =>
  changed(key, Number(value), Number(standard));

const dataPairs = ({ kind, name, noise, size }: DataChoice, drawn: Float32Array | undefined): readonly Pair[] => {
  const text = kind === 'drawn' && drawn !== undefined ? encodePoints(drawn) : undefined;
  return [
    ...changed('data', kind === 'toy' || kind === 'place' ? name : kind, DEFAULTS.data.name),
    ...(kind === 'table' ? [['file', name] as const] : []),
    ...(text === undefined ? [] : [['drawn', text] as const]),
    ...changed('noise', noise, DEFAULTS.data.noise),
    ...changed('rows', size, DEFAULTS.data.size),
  ];
};

const modelPairs = (model: ModelChoice, suffix: '' | '2'): readonly Pair[] => [
  // The key `model2` adds the second model. The widths of the second model are always in the address.
  ...(suffix === '2' ? [['model2', model.kind] as const] : changed('model', model.kind, DEFAULTS.models[0]!.kind)),
  ...changed(`net${suffix}`, model.net ?? 'spectral', 'spectral'),
  ...changed(`blocks${suffix}`, model.blocks, SMALL_PRESET.blocks),
  ...changed(`hidden${suffix}`, model.hidden.join('-'), suffix === '2' ? '' : SMALL_PRESET.hidden.join('-')),
  ...changed(`activation${suffix}`, model.activation, SMALL_PRESET.activation),
  ...changed(`coeff${suffix}`, model.coeff, SMALL_PRESET.coeff),
  ...pluginPairs(`solver${suffix}`, model.solver, SOLVERS),
  ...pluginPairs(`logdet${suffix}`, model.logDet, LOG_DETS),
];

const pluginPairs = (key: string, choice: PluginChoice | undefined, known: readonly PluginField[]): readonly Pair[] => {
  if (choice === undefined) return [];
  const { name, options = {} } = choice;
  const fields = known.find((plugin) => plugin.name === name)?.options ?? [];
  return [
    [key, name],
    ...fields
      .filter(
        (field) =>
          options[field.name] !== undefined &&
          options[field.name] !== field.standard &&
          applies(field, fields, options),
      )
      .map((field) => [`${key}.${field.name}`, options[field.name] as string | number] as const),
  ];
};

const runPairs = ({
  models,
  equalParameters,
  race,
  seed,
  learningRate,
  batch,
  steps,
  backend,
  play,
}: Config): readonly Pair[] => [
  ...(models.length < 2 && equalParameters === DEFAULTS.equalParameters
    ? []
    : flag('equal', equalParameters, DEFAULTS.equalParameters)),
  ...changed('race', race, DEFAULTS.race),
  ...changed('seed', seed, DEFAULTS.seed),
  ...changed('lr', learningRate, DEFAULTS.learningRate),
  ...changed('batch', batch, DEFAULTS.batch),
  ...changed('steps', steps, DEFAULTS.steps),
  ...changed('backend', backend, DEFAULTS.backend),
  ...flag('play', play, DEFAULTS.play),
];

const viewPairs = ({ stage, colors, showData, showSamples, point }: ViewOptions): readonly Pair[] => [
  ...changed('show', stage, DEFAULT_VIEW.stage),
  ...changed('colors', colors ?? '', ''),
  ...flag('points', showData, DEFAULT_VIEW.showData),
  ...flag('samples', showSamples, DEFAULT_VIEW.showSamples),
  ...(point === undefined ? [] : [['at', point.map((x) => Number(x.toPrecision(5))).join()] as const]),
];

const readData = (read: AddressReader): { readonly data: DataChoice; readonly drawn?: Float32Array } => {
  const { kind: standardKind, name: standardName } = DEFAULTS.data;
  const noise = read.number('noise', RULES.noise, DEFAULTS.data.noise);
  const size = read.number('rows', RULES.size, DEFAULTS.data.size);
  const [file, text] = [read.text('file'), read.text('drawn')];
  const name = read.choice('data', [...TOYS, ...PLACES, 'drawn', 'table'], standardName as (typeof TOYS)[number]);
  if (name === 'drawn') {
    const drawn = text === undefined ? undefined : decodePoints(text);
    if (drawn !== undefined) return { data: { kind: 'drawn', name, noise, size }, drawn };
    read.complain(
      text === undefined
        ? 'The address does not contain the drawing: draw again.'
        : 'The drawing in the address is damaged: draw again.',
    );
  } else if (name === 'table') {
    read.complain(
      `An address cannot contain a table: drop ${file === undefined ? 'the file' : `the file “${shortened(file)}”`} on the page again.`,
    );
  } else {
    return { data: { kind: (PLACES as readonly string[]).includes(name) ? 'place' : 'toy', name, noise, size } };
  }
  return { data: { kind: standardKind, name: standardName, noise: DEFAULTS.data.noise, size: DEFAULTS.data.size } };
};

const readModel = (read: AddressReader, suffix: '' | '2'): ModelChoice => {
  const kind = read.choice(`model${suffix}`, KINDS, DEFAULTS.models[0]!.kind);
  const net = read.choice(`net${suffix}`, NETS, 'spectral');
  const named = read.choice(
    `activation${suffix}`,
    Object.keys(ACTIVATIONS),
    net === 'sandwich' ? 'snake' : SMALL_PRESET.activation,
  );
  const activation = fits(named, net) ? named : 'snake';
  if (activation !== named)
    read.complain(
      `In the address, activation${suffix} ${named} has slopes that a sandwich net cannot use; snake is used instead.`,
    );
  const text = read.text(`hidden${suffix}`);
  const widths = text === undefined ? { value: SMALL_PRESET.hidden } : parseWidths(text, activation);
  if ('problem' in widths)
    read.complain(
      `In the address, hidden${suffix} ${widths.problem}; it is “${shortened(text!)}”, and the default value is used.`,
    );
  const solver = readPlugin(read, `solver${suffix}`, SOLVERS);
  const logDet = readPlugin(read, `logdet${suffix}`, LOG_DETS);
  return {
    kind,
    activation,
    ...(net === 'spectral' ? {} : { net }),
    blocks: read.number(`blocks${suffix}`, RULES.blocks, SMALL_PRESET.blocks),
    hidden: 'value' in widths ? widths.value : SMALL_PRESET.hidden,
    coeff: read.number(`coeff${suffix}`, RULES.coeff, SMALL_PRESET.coeff),
    ...(solver === undefined ? {} : { solver }),
    ...(logDet === undefined ? {} : { logDet }),
  };
};

const readPlugin = (read: AddressReader, key: string, known: readonly PluginField[]): PluginChoice | undefined => {
  const name = read.text(key);
  if (name === undefined) return undefined;
  const plugin = known.find((one) => one.name === name);
  if (plugin === undefined) {
    read.complain(
      `In the address, ${key} is “${shortened(name)}”, which is not built in. If a plugin provides this method, load the plugin and choose the method on the page.`,
    );
    return undefined;
  }
  const options: Record<string, unknown> = {};
  for (const field of plugin.options) {
    const value = readOption(read, `${key}.${field.name}`, field);
    if (value === undefined) continue;
    if (applies(field, plugin.options, options)) options[field.name] = value;
    else
      read.complain(
        `In the address, ${key}.${field.name} needs ${key}.${field.when!.name}=${field.when!.value}; the option is ignored.`,
      );
  }
  return Object.keys(options).length === 0 ? { name } : { name, options };
};

const readOption = (read: AddressReader, key: string, field: OptionField): string | number | undefined => {
  if (field.kind !== 'choice') return read.number(key, field, undefined);
  const value = read.text(key);
  const problem = value === undefined ? undefined : optionProblem(value, field);
  if (problem !== undefined)
    read.complain(`In the address, ${key} ${problem}; it is “${shortened(value!)}”, and the default value is used.`);
  return problem === undefined ? value : undefined;
};

const readView = (read: AddressReader, implied: ViewOptions['level']): ViewOptions => {
  const at = read.text('at');
  const point = at?.split(',').map((part) => parseNumber(part, ANYWHERE));
  const [x, y] = point?.map((part) => ('value' in part ? part.value : undefined)) ?? [];
  const isPoint = point?.length === 2 && x !== undefined && y !== undefined;
  if (at !== undefined && !isPoint)
    read.complain(
      `In the address, at must be two numbers, such as 0.5,-1; it is “${shortened(at)}”, and no point is followed.`,
    );
  const colors = read.choice('colors', ['linear', 'logarithmic', 'auto'], 'auto');
  return {
    ...DEFAULT_VIEW,
    level: read.choice('view', ['simple', 'expert'], implied),
    stage: read.choice('show', ['density', 'planes', 'logDet', 'steps', 'warp'], DEFAULT_VIEW.stage as 'density'),
    ...(colors === 'auto' ? {} : { colors }),
    showData: read.flag('points', DEFAULT_VIEW.showData),
    showSamples: read.flag('samples', DEFAULT_VIEW.showSamples),
    ...(isPoint ? { point: [x, y] } : {}),
  };
};
const ANYWHERE: NumberRule = { kind: 'number', least: -1e9, most: 1e9 };
