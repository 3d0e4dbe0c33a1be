import type { ColumnSpec } from '@impflow/tables';

// Schemas of request bodies for `GET /openapi.json`. The server does not validate bodies with these schemas. The
// functions that read a body check the body, and their errors name the wrong field.

type Json = Readonly<Record<string, unknown>>;

const list = (description: string, items: Json = { type: 'number', nullable: true }): Json => ({
  type: 'array',
  items,
  description,
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
const ERROR = {
  description: 'Description of the error, in a sentence',
  ...content({
    'application/json': object({ error: object({ what: TEXT, expected: TEXT, got: TEXT, hint: TEXT }, ['what']) }),
  }),
};
const ERRORS = { 400: ERROR, 413: ERROR, 415: ERROR, 503: ERROR };

/** Makes the schema of a body of rows, as JSON or CSV. */
const rowsBody = (columns: readonly ColumnSpec[]): Json => {
  const rows = list('One object per row, with a value or null for each column', cells(columns));
  return content({ 'application/json': { oneOf: [rows, object({ rows }, ['rows'])] }, 'text/csv': TEXT });
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

/** Schema of `POST /sample`. */
export const sampleSchema = (columns: readonly ColumnSpec[]): Json => {
  const conditions = columns.filter((column) => column.given === true);
  return {
    summary: 'Draws rows',
    body: content({
      'application/json': object({
        n: { type: 'integer', minimum: 1, description: 'Rows to draw, for each row of conditions' },
        seed: { type: 'integer', minimum: 0, default: 0 },
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
