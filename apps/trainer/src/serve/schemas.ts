import type { ColumnSpec } from '@impflow/tables';

// Schemas of request bodies for `GET /openapi.json`. The server does not validate bodies with these schemas. The
// functions that read a body check the body, and their errors name the wrong field.

type Json = Readonly<Record<string, unknown>>;

const list = (description: string, items: Json = { type: 'number', nullable: true }): Json => ({
  type: 'array',
  items,
  description,
});

/** An object that may have no other fields. */
const closed = (properties: Json, required: readonly string[] = []): Json => ({
  ...object(properties, required),
  additionalProperties: false,
});

const object = (properties: Json, required: readonly string[] = []): Json => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

const cell = (column: ColumnSpec): Json =>
  column.kind === 'category'
    ? { type: 'string', nullable: true, description: `${column.levels.length} categories`, example: column.levels[0] }
    : column.date === undefined
      ? { type: 'number', nullable: true }
      : { type: 'string', nullable: true, description: 'a date', example: '2020-01-31' };

const cells = (columns: readonly ColumnSpec[]): Json =>
  object(Object.fromEntries(columns.map((column) => [column.name, cell(column)])));

const content = (types: Readonly<Record<string, Json>>): Json => ({
  content: Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }])),
});

const TEXT = { type: 'string' } as const;
const SOME_TEXT = { ...TEXT, minLength: 1 } as const;
const ERROR = {
  description: 'Description of the error, in a sentence',
  ...content({
    'application/json': object({ error: object({ what: TEXT, expected: TEXT, got: TEXT, hint: TEXT }, ['what']) }),
  }),
};
const ERRORS = { 400: ERROR, 413: ERROR, 415: ERROR, 503: ERROR };

const rowList = (columns: readonly ColumnSpec[]): Json => ({
  ...list('One object per row, with a value or null for each column', cells(columns)),
  minItems: 1,
});

/** Makes the schema of a body of rows, as JSON or CSV. */
const rowsBody = (columns: readonly ColumnSpec[]): Json => {
  const rows = rowList(columns);
  return content({ 'application/json': { oneOf: [rows, object({ rows }, ['rows'])] }, 'text/csv': SOME_TEXT });
};

/** Schema of `POST /score`. */
export const scoreSchema = (columns: readonly ColumnSpec[]): Json => ({
  summary: 'Log-densities of rows',
  body: rowsBody(columns),
  response: {
    200: {
      description: 'One list per score column, in the order of the rows; null for a missing or infinite number',
      ...content({
        'application/json': object({
          rows: { type: 'integer' },
          unconverged: { type: 'integer', description: 'Rows whose solve did not converge' },
          logDensity: list('Natural logarithm of the density, in the units of the columns'),
          percentile: list('Percentage of held-out rows that are less likely than this row'),
          pValue: list('Share of the held-out rows and this row that are at most as likely as this row'),
          standardError: list(
            'Standard errors of estimated log-densities, in nats; only if some rows have a standard error',
          ),
          gaps: list('Numbers of missing cells, which were summed out; only if some rows have missing cells'),
          remarks: list('Assumptions on the cells', TEXT),
        }),
        'text/csv': TEXT,
      }),
    },
    ...ERRORS,
  },
});

/** Schema of `POST /explain`. */
export const explainSchema = (columns: readonly ColumnSpec[]): Json => ({
  summary: 'How much each column contributes to the log-density of each row',
  body: rowsBody(columns),
  response: {
    200: {
      description: 'For each row, an explanation of each column that is not a condition',
      ...content({
        'application/json': object({
          rows: { type: 'integer' },
          reasons: list(
            'By row',
            list(
              'By column',
              object({
                column: TEXT,
                part: {
                  type: 'number',
                  nullable: true,
                  description: 'Nats that the row would gain on average if the cell were drawn given the other cells',
                },
                typical: {
                  description: 'The likeliest value given the other cells',
                  nullable: true,
                  oneOf: [TEXT, { type: 'number' }],
                },
                percentile: {
                  type: 'number',
                  nullable: true,
                  description: 'Percentage of draws given the other cells that are below this cell',
                },
              }),
            ),
          ),
        }),
      }),
    },
    ...ERRORS,
  },
});

const SEED = { type: 'integer', minimum: 0, default: 0 } as const;

/** Schema of an event: see `RowEvent` of `impflow`. */
const event = (columns: readonly ColumnSpec[]): Json => ({
  description:
    'An event on rows: text such as "age > 40 and kind in (oak, ash)", or an object with a value, a list of values or a range (above, atLeast, below, atMost) for some columns',
  oneOf: [SOME_TEXT, { ...closed(Object.fromEntries(columns.map(({ name }) => [name, {}]))), minProperties: 1 }],
});

/** Schema of `POST /impute`. */
export const imputeSchema = (columns: readonly ColumnSpec[]): Json => {
  const rows = rowList(columns);
  const options = {
    rows,
    draws: { type: 'integer', minimum: 1, default: 1, description: 'Completions of each row' },
    seed: SEED,
    given: event(columns),
  };
  return {
    summary: 'Fills the gaps of rows with draws given the known cells',
    body: content({ 'application/json': { oneOf: [rows, closed(options, ['rows'])] }, 'text/csv': SOME_TEXT }),
    response: {
      200: {
        description:
          'All rows with their gaps filled, once for each draw; with more than one draw, the columns row and draw count from 1',
        ...content({
          'application/json': object({
            rows: { type: 'integer', description: 'Rows of the request' },
            draws: { type: 'integer' },
            imputed: list('The filled rows. Known cells are returned as they were sent', {
              type: 'object',
              additionalProperties: {},
            }),
            left: list('Numbers of the rows that keep their gaps, counted from 1', { type: 'integer' }),
            remarks: list('Assumptions on the cells', TEXT),
          }),
          'text/csv': TEXT,
        }),
      },
      ...ERRORS,
    },
  };
};

/** Schema of `POST /drift`. */
export const driftSchema = (columns: readonly ColumnSpec[]): Json => {
  const rows = { ...rowList(columns), minItems: 10 };
  const number = (description: string): Json => ({ type: 'number', nullable: true, description });
  const change = object({
    column: TEXT,
    change: { ...TEXT, description: 'What changed most' },
    pValue: number('p-value of the column alone, corrected for the number of features'),
    nats: number('Increase of what the column costs given the other columns; null without an alarm'),
    standardError: number('Its standard error'),
    natsPValue: number('Its p-value'),
  });
  return {
    summary: 'Whether rows have the distribution of the test rows of the training',
    body: content({
      'application/json': {
        oneOf: [
          rows,
          closed(
            {
              rows,
              reference: rows,
              alpha: {
                type: 'number',
                exclusiveMinimum: true,
                minimum: 0,
                exclusiveMaximum: true,
                maximum: 1,
                default: 0.01,
              },
              seed: SEED,
            },
            ['rows'],
          ),
        ],
      },
      'text/csv': SOME_TEXT,
    }),
    response: {
      200: {
        description: 'The result of the tests, and what changed; see the command drift',
        ...content({
          'application/json': object({
            drifted: { type: 'boolean' },
            pValue: number('p-value of the hypothesis that there is no drift'),
            alpha: number('Rate of false alarms'),
            because: { ...TEXT, description: 'The result in sentences' },
            stream: object({
              pValue: number('Anytime-valid p-value of the rows in their order'),
              alarm: { type: 'integer', description: 'Row of the alarm, counted from 1' },
              since: { type: 'integer', description: 'Row at which the change probably began' },
              feature: TEXT,
            }),
            columns: list('The columns, the most changed first', change),
            pairs: list('Pairs of columns, the smallest p-value first', object({ columns: list('Names', TEXT) })),
            remarks: list('What was sampled or left out', TEXT),
          }),
        }),
      },
      ...ERRORS,
    },
  };
};

/** Schema of `POST /probability`. */
export const probabilitySchema = (columns: readonly ColumnSpec[]): Json => {
  const number = (description: string): Json => ({ type: 'number', description });
  return {
    summary: 'The probability that a row fulfils an event',
    body: content({
      'application/json': closed(
        {
          event: event(columns),
          given: event(columns),
          draws: { type: 'integer', minimum: 1000, maximum: 100_000, default: 10_000 },
          seed: SEED,
        },
        ['event'],
      ),
    }),
    response: {
      200: {
        description: 'The probability and its error',
        ...content({
          'application/json': object({
            probability: number('The estimate'),
            standardError: number('Its standard error; 0 if the probability is exact'),
            low: number('Lower end of an interval of 95 %'),
            high: number('Upper end of the interval'),
            draws: { type: 'integer', description: 'Rows that were drawn; 0 if the probability is exact' },
            effective: { ...number('Effective number of hits; null if the probability is exact'), nullable: true },
            failed: { type: 'integer', description: 'Draws whose solve failed' },
            reliable: { type: 'boolean', description: 'Whether the standard error can be relied on' },
          }),
        }),
      },
      ...ERRORS,
    },
  };
};

/** Schema of `POST /sample`. */
export const sampleSchema = (columns: readonly ColumnSpec[]): Json => {
  const conditions = columns.filter((column) => column.given === true);
  return {
    summary: 'Draws rows',
    body: content({
      'application/json': closed({
        n: { type: 'integer', minimum: 1, description: 'Rows to draw, for each row of conditions' },
        seed: SEED,
        temperature: { type: 'number', exclusiveMinimum: true, minimum: 0, maximum: 10, default: 1 },
        ...(conditions.length === 0
          ? {}
          : {
              given: {
                description: 'Conditions: one row, or a list of rows',
                oneOf: [cells(conditions), list('Rows', cells(conditions))],
              },
            }),
      }),
    }),
    response: {
      200: {
        description: 'The rows',
        ...content({
          'application/json': object({
            rows: { type: 'integer' },
            columns: list('Names', TEXT),
            samples: list('Rows', cells(columns)),
            remarks: list('Conditions outside the training values', TEXT),
          }),
          'text/csv': TEXT,
        }),
      },
      ...ERRORS,
    },
  };
};

/** Makes the schema of a route whose requests have no body and no parameters. */
export const plainSchema = (summary: string, type = 'application/json'): Json => ({
  summary,
  response: { 200: { description: summary, ...content({ [type]: type === 'application/json' ? object({}) : TEXT }) } },
});
