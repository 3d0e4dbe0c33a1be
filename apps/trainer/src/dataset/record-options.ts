/** What the columns of a table are, as the options of a run say. Plain JSON. */
export interface RecordOptions {
  /** Conditions: the density is of the other columns, given these. */
  readonly given?: readonly string[];
  /** Columns that are categories although their cells are numbers. */
  readonly categorical?: readonly string[];
  /** Columns to leave out. */
  readonly leaveOut?: readonly string[];
  /** Column of row weights. */
  readonly weights?: string;
  /** What is done with training rows that have gaps. Default: `drop`, if they are few. */
  readonly missing?: (typeof MISSING)[number];
  /** `auto`, `none`, or maps of single columns, such as `log:price`, `logit:share:0:1`, `none:age`. Default `auto`. */
  readonly transform?: readonly string[];
  /** Periods by column, such as `angle:360`. */
  readonly periodic?: readonly string[];
  /** Order of day and month in dates such as 03/04/2020. */
  readonly dayFirst?: 'yes' | 'no';
}

/**
 * `drop`: rows with gaps do not train. `median`: a gap gets the median of its column, or the most frequent category.
 * `impute`: a gap is drawn given the other cells of its row.
 */
export const MISSING = ['drop', 'median', 'impute'] as const;

/** Names of the options of records. */
export const RECORD_OPTIONS: readonly (keyof RecordOptions)[] = [
  'given',
  'categorical',
  'leaveOut',
  'weights',
  'missing',
  'transform',
  'periodic',
  'dayFirst',
];

/** The given options of records, without the undefined ones. */
export const recordOptionsOf = (options: RecordOptions): RecordOptions =>
  Object.fromEntries(RECORD_OPTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
