import type { Settings } from '../options/settings.ts';
import type { Report } from '../report.ts';
import type { ColumnTypes } from '../rows/rows-of-frame.ts';

/** Location of the rows of a training, from which a program can read the rows again. Plain JSON. */
export interface DataPlace {
  /** Path or address of the rows, or the name of a data set. */
  readonly data: string;
  /** Path, address or name of the validation rows. Default: random rows of `data`. */
  readonly validation?: string;
  /** Path, address or name of the test rows. Default: random rows of `data`. */
  readonly test?: string;
}

/** How a model was made: its data, the versions of the programs, and the machine. */
export interface Provenance {
  /** Origin of the rows, in words. */
  readonly source: string;
  /** SHA-256 of the cells. */
  readonly hash?: string | undefined;
  /** Numbers of training, validation and test rows. */
  readonly rows: { readonly train?: number; readonly validation: number; readonly test: number };
  /** Time when the training started, in ISO format. */
  readonly created: string;
  /** Versions of the programs, by name. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Processor and operating system. */
  readonly machine?: string;
}

/** All contents of a checkpoint except the spec and the weights, for all kinds of models. Plain JSON. */
export interface Contents<Options, Found> {
  /** The options of the training, including all defaults. */
  readonly options: Options;
  /**
   * Where the data came from. Absent if any part of the data was given in memory, or came from an address with a
   * password or a query, which may be secret.
   */
  readonly data?: DataPlace;
  /** How a program ran the training: the name of the backend, and the names of the plugins that the program loaded. */
  readonly program?: { readonly backend?: string; readonly plugin?: readonly string[] };
  /** Origin of the model: its data, the versions of the programs, and the machine. */
  readonly provenance: Provenance;
  /** The 1001 quantiles of the scores of held-out data, ascending. Absent before the end of the training. */
  readonly quantiles?: readonly number[];
  /** Report of the training. Absent before the end of the training. */
  readonly report?: Found;
}

/** Contents of the checkpoint of a density of rows. */
export interface TableContents extends Contents<Settings, Report> {
  /** Types of the cells of categories, and of rows that were not read from a file. The samples of the model have these types. */
  readonly types?: ColumnTypes;
  /** Whether repeated rows were dropped before the rows were split into training, validation and test rows. */
  readonly distinct: boolean;
}
