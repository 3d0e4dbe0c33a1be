import type { FlowSpec } from '@impflow/flows';
import type { Resolutions } from '@impflow/tables';
import type { BackendName, ModelChoice } from '../../config.ts';
import type { DataRequest } from '../../protocol/data.ts';
import type { Prepared } from '../data/prepare.ts';

/**
 * The `extra` record of a checkpoint, in the format of the command line: what `score` and `sample` need to know of the
 * data, and what `train --resume` continues with.
 */
export interface RunRecord {
  readonly data: { readonly data: string; readonly columns?: readonly string[] };
  readonly columns: readonly string[];
  readonly dequantised: Resolutions;
  readonly distinct?: boolean;
  readonly options: RunOptions;
  readonly provenance: { readonly source: string };
}

/** Options of `impflow train` that describe a model. */
export interface ModelOptions {
  readonly preset?: string;
  readonly model: string;
  readonly blocks?: number;
  readonly hidden?: readonly number[];
  readonly net?: string;
  readonly activation?: string;
  readonly coeff?: number;
  readonly solver?: string;
  readonly logdet?: string;
  readonly base?: string;
}

/** The options of `impflow train` that are equivalent to this run. */
export interface RunOptions extends ModelOptions {
  readonly data: string;
  readonly optimizer: string;
  readonly clip?: number;
  readonly lr: number;
  readonly schedule: 'constant';
  readonly warmup: 0;
  readonly validateEvery: number;
  readonly seed: number;
  readonly batch: number;
  readonly steps: number;
  readonly horizon: number;
  readonly backend: BackendName;
  readonly plugin: readonly string[];
  readonly workers: 1;
}

/** The current state of a run. */
export interface RunNow {
  readonly request: DataRequest;
  readonly data: Pick<Prepared, 'columns' | 'dequantised' | 'distinct'>;
  readonly model: ModelOptions;
  readonly optimizer: string;
  readonly clip?: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly batch: number;
  readonly step: number;
  readonly backend: BackendName;
  readonly plugins: readonly string[];
}

export const recordOf = ({
  request,
  data: { columns, dequantised, distinct = false },
  model,
  optimizer,
  clip,
  learningRate,
  seed,
  batch,
  step,
  backend,
  plugins,
}: RunNow): RunRecord => {
  const data = sourceOf(request);
  return {
    data: { data, ...(request.choice.kind === 'table' ? { columns } : {}) },
    columns,
    dequantised,
    ...(distinct ? { distinct } : {}),
    options: {
      ...model,
      data,
      optimizer,
      ...(clip === undefined ? {} : { clip }),
      lr: learningRate,
      schedule: 'constant',
      warmup: 0,
      validateEvery: 100,
      seed,
      batch,
      steps: step,
      horizon: step,
      backend,
      plugin: plugins,
      workers: 1,
    },
    provenance: { source: `${data}, trained in a browser` },
  };
};

/**
 * The name under which the command line finds the same data: new rows of a toy, and tables in files. With noise, a
 * fixed number of rows, or the page's own split (which has no test rows) the data differ. Then the name is one that the
 * command line does not know, so that it asks for data instead of evaluating on the wrong rows.
 */
const sourceOf = ({ choice: { kind, name, noise, size } }: DataRequest): string => {
  const own = [
    ...(kind === 'place' ? ['split by the page'] : []),
    ...(size === 0 ? [] : [`${size} rows`]),
    ...(noise === 0 ? [] : [`noise ${noise}`]),
  ];
  return kind === 'drawn' ? 'drawn by hand' : own.length === 0 ? name : `${name} (${own.join(', ')})`;
};

/** Record of a model that was chosen on the page. */
export const chosenModel = ({
  kind,
  net,
  blocks,
  hidden,
  activation,
  coeff,
  solver,
  logDet,
}: ModelChoice): ModelOptions => ({
  preset: 'toy',
  model: kind,
  blocks,
  hidden,
  ...(kind === 'coupling'
    ? {}
    : {
        ...(net === undefined ? {} : { net }),
        activation,
        coeff,
        ...(solver === undefined ? {} : { solver: solver.name }),
        ...(logDet === undefined ? {} : { logdet: logDet.name }),
      }),
});

const KEPT: readonly (keyof ModelOptions)[] = [
  'preset',
  'model',
  'net',
  'blocks',
  'hidden',
  'activation',
  'coeff',
  'solver',
  'logdet',
  'base',
];

/** Record of a model from a file: what the file says, or what its blocks tell. Solver and estimator are those `chosen`. */
export const filedModel = (extra: unknown, { blocks }: FlowSpec, chosen?: ModelOptions): ModelOptions => {
  const { options } = (extra ?? {}) as { readonly options?: Readonly<Record<string, unknown>> };
  const said = chosen === undefined ? options : { ...options, solver: chosen.solver, logdet: chosen.logdet };
  const kinds = new Set(blocks.map(({ kind }) => kind));
  const model = kinds.has('implicit') ? 'implicit' : kinds.has('residual') ? 'residual' : 'coupling';
  return {
    model,
    ...Object.fromEntries(KEPT.flatMap((name) => (said?.[name] === undefined ? [] : [[name, said[name]]]))),
  };
};
