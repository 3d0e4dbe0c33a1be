import { completeSettings, OPTIONS, rowCount, type Choices, type PlainChoices, type TableContents } from 'impflow/run';
import type { BackendName } from '../../config.ts';
import type { DataRequest } from '../../protocol/data.ts';
import { TRANSFORM, type Prepared } from '../data/prepared.ts';
import { VALIDATE_EVERY } from './course.ts';

/** The current state of a training. */
interface TrainingNow {
  readonly request: DataRequest;
  readonly data: Prepared;
  /** Options of the model, as `settingsOf` returns them. */
  readonly model: PlainChoices;
  readonly optimizer: string;
  readonly clip?: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly batch: number;
  readonly step: number;
  /** Number of steps over which the learning rate falls. Absent if the learning rate does not change. */
  readonly horizon?: number;
  /** Time at which the training started, in ISO format. */
  readonly created: string;
  readonly backend: BackendName;
  readonly plugins: readonly string[];
}

/**
 * Returns the contents of a checkpoint that the page saves, apart from the weights. For an equal training, `impflow
 * train` stores equal contents.
 */
export const contentsOf = ({
  request,
  data,
  model,
  optimizer,
  clip,
  learningRate,
  seed,
  batch,
  step,
  horizon,
  created,
  backend,
  plugins,
}: TrainingNow): TableContents => {
  const { columns, parts, isScaled } = data;
  const rows = parts.sampler === undefined ? rowCount(parts.complete) : Infinity;
  const source = nameOf(request);
  const settings = completeSettings(
    {
      ...model,
      ...(isScaled ? { columns, transform: TRANSFORM } : {}),
      ...(clip === undefined ? {} : { clip }),
      optimizer,
      lr: learningRate,
      schedule: horizon === undefined ? 'constant' : 'cosine',
      warmup: 0,
      validateEvery: VALIDATE_EVERY,
      seed,
      batch: Math.min(batch, rows),
      steps: step,
    },
    { source, rows, dim: 2, hasContext: false, seesNumbers: false },
  );
  return {
    ...(isKnown(request) ? { data: { data: source } } : {}),
    options: { ...settings, ...(horizon === undefined ? {} : { horizon }), workers: 1 },
    // If the checkpoint is opened where a plugin is missing, the error message quotes the addresses in `plugin`.
    program: { backend, plugin: plugins },
    distinct: parts.distinct,
    provenance: {
      source,
      rows: {
        ...(rows === Infinity ? {} : { train: rows }),
        validation: rowCount(parts.validation),
        test: rowCount(parts.test),
      },
      created,
    },
  };
};

/** Returns the name of the training data, including a chosen number of rows and added noise. */
const nameOf = ({ choice: { kind, name, noise, size } }: DataRequest): string => {
  const own = [...(size === 0 ? [] : [`${size} rows`]), ...(noise === 0 ? [] : [`noise ${noise}`])];
  return kind === 'drawn' ? 'drawn by hand' : own.length === 0 ? name : `${name} (${own.join(', ')})`;
};

/**
 * Returns whether the command line can find the training data by name, and would split the data in the same way as the
 * page. The result is false for drawn points, for data with noise or a chosen number of rows, and for tables from which
 * rows were left out. The result is also false for columns of dates, because the page counts days from the first date.
 */
const isKnown = ({ choice: { kind, noise, size }, skipped = 0, columns }: DataRequest): boolean =>
  kind !== 'drawn' &&
  noise === 0 &&
  size === 0 &&
  skipped === 0 &&
  columns?.some((name) => / \(days since .*\)$/.test(name)) !== true;

/**
 * Returns the options of a model from a file. If the file stores no options, the kind of the model is derived from its
 * blocks. `chosen` replaces the solver and the estimator of the file.
 */
export const filedOptions = (
  { options = {} }: { readonly options?: Choices },
  kinds: readonly string[],
  chosen?: Pick<PlainChoices, 'solver' | 'logdet'>,
): PlainChoices => {
  const own = Object.entries(options).filter(([name]) => OPTIONS[name as keyof Choices]?.group === 'flow');
  const { solver, logdet, ...rest } = Object.fromEntries(own) as PlainChoices;
  const methods = chosen ?? {
    ...(solver === undefined ? {} : { solver }),
    ...(logdet === undefined ? {} : { logdet }),
  };
  return {
    model: ['implicit', 'residual', 'monotone'].find((kind) => kinds.includes(kind)) ?? 'coupling',
    ...rest,
    ...methods,
  };
};
