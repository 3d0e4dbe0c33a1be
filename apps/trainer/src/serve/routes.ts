import { scoreColumns, scoreFrame, scoreLists, unconverged } from '@impflow/jobs';
import { toCsvFrame, type ColumnSpec, type ScoredRows, type TrainedRecords } from '@impflow/tables';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { rowsOfFrame } from 'impflow/run';
import { driftJson } from '../tables/drift.ts';
import { VERSION } from '../version.ts';
import { sizeText, type Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { rowsOfBody } from './read-body.ts';
import { driftRequest, imputeRequest, probabilityRequest } from './read-questions.ts';
import { sampleRequest } from './read-sample.ts';
import { refusal } from './refusal.ts';
import {
  driftSchema,
  explainSchema,
  imputeSchema,
  plainSchema,
  probabilitySchema,
  sampleSchema,
  scoreSchema,
} from './schemas.ts';
import type { Served, Service } from './service.ts';

/** What the routes need in addition to the run. */
interface RouteContext {
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** The OpenAPI document. */
  readonly describe: () => object;
}

/**
 * Returns the routes of a server: routes that compute with the model, and routes that describe the model and the
 * server.
 */
export const routesOf = (served: Served, service: Service, context: RouteContext): readonly RouteOptions[] => [
  ...computing(served, service, context.limits),
  ...telling(served, context),
];

const computing = ({ trained, drift }: Served, service: Service, limits: Limits): readonly RouteOptions[] => {
  const { columns } = trained.density.spec;
  const { maxRows, timeout } = limits;
  return [
    {
      method: 'POST',
      url: '/score',
      schema: scoreSchema(columns),
      handler: async (request, reply) => {
        const scores = await service.score(rowsOfBody(request.body, columns, maxRows), ending(reply, timeout));
        return wantsCsv(request) ? csv(reply, scoresCsv(scores, trained)) : scoresJson(scores, trained);
      },
    },
    {
      method: 'POST',
      url: '/explain',
      schema: explainSchema(columns),
      handler: async (request, reply) => {
        const reasons = await service.explain(rowsOfBody(request.body, columns, maxRows), ending(reply, timeout));
        return {
          rows: reasons.length,
          reasons: reasons.map((row) => row.map(({ typical, ...reason }) => ({ ...reason, typical: typical ?? null }))),
        };
      },
    },
    {
      method: 'POST',
      url: '/impute',
      schema: imputeSchema(columns),
      handler: async (request, reply) => {
        const asked = imputeRequest(request.body, columns, maxRows);
        const { frame, left, remarks } = await service.impute(asked, ending(reply, timeout));
        if (wantsCsv(request)) return csv(reply, toCsvFrame(frame));
        return {
          rows: asked.rows.rows,
          draws: asked.draws,
          imputed: rowsOfFrame(frame),
          left: left.map((row) => row + 1),
          remarks,
        };
      },
    },
    {
      method: 'POST',
      url: '/probability',
      schema: probabilitySchema(columns),
      handler: (request) => {
        const { effective, ...found } = service.probability(probabilityRequest(request.body));
        return Promise.resolve({ ...found, effective: Number.isFinite(effective) ? effective : null });
      },
    },
    {
      method: 'POST',
      url: '/drift',
      schema: driftSchema(columns),
      handler: async (request) => {
        const { rows, ...options } = driftRequest(request.body, columns, maxRows);
        return driftJson(await drift(rows, options));
      },
    },
    {
      method: 'POST',
      url: '/sample',
      schema: sampleSchema(columns),
      handler: async (request, reply) => {
        const drawn = await service.sample(sampleRequest(request.body, columns, maxRows), ending(reply, timeout));
        if (wantsCsv(request)) return csv(reply, toCsvFrame(drawn));
        const { rows, remarks = [] } = drawn;
        return {
          rows,
          columns: columns.map(({ name }) => name),
          samples: rowsOfFrame(drawn),
          ...(remarks.length === 0 ? {} : { remarks }),
        };
      },
    },
  ];
};

const telling = ({ name, trained }: Served, { limits, metrics, describe }: RouteContext): readonly RouteOptions[] => {
  const { columns } = trained.density.spec;
  const of = (condition: boolean): readonly string[] =>
    columns.filter(({ given = false }) => given === condition).map((column) => column.name);
  const about = {
    program: 'impflow',
    version: VERSION,
    run: name,
    columns: of(false),
    conditions: of(true),
    limits: { rows: limits.maxRows, body: sizeText(limits.maxBody), seconds: limits.timeout },
    routes: {
      score: 'POST /score',
      explain: 'POST /explain',
      impute: 'POST /impute',
      probability: 'POST /probability',
      drift: 'POST /drift',
      sample: 'POST /sample',
      model: 'GET /model',
      health: 'GET /health',
      metrics: 'GET /metrics',
      openapi: 'GET /openapi.json',
      docs: 'GET /docs',
    },
  };
  const model = { run: name, columns: columns.map(describeColumn) };
  const get = (url: string, summary: string, handler: RouteOptions['handler'], type?: string): RouteOptions => ({
    method: 'GET',
    url,
    schema: plainSchema(summary, type),
    handler,
  });
  return [
    get('/', 'What this is', () => Promise.resolve(about)),
    get('/model', 'The columns of the model', () => Promise.resolve(model)),
    get('/health', 'Whether the server answers', () => Promise.resolve({ status: 'ok' })),
    get(
      '/metrics',
      'Figures for Prometheus',
      async (_, reply) => {
        const { type, body } = await metrics.text();
        return reply.type(type).send(body);
      },
      'text/plain',
    ),
    get('/openapi.json', 'This description', () => Promise.resolve(describe())),
  ];
};

/**
 * Returns a signal that stops the computation of a response after `timeout` seconds, or when the client closes the
 * connection.
 */
const ending = (reply: FastifyReply, timeout: number): AbortSignal => {
  const controller = new AbortController();
  const timer = setTimeout(
    () =>
      controller.abort(
        refusal(503, 'The answer takes too long', {
          expected: `at most ${timeout} s`,
          got: 'more',
          hint: 'Send fewer rows, or start the server with a larger --timeout.',
        }),
      ),
    1000 * timeout,
  );
  reply.raw.once('close', () => {
    clearTimeout(timer);
    controller.abort(refusal(499, 'The client closed the connection'));
  });
  return controller.signal;
};

/** Returns whether a client prefers CSV: its header `accept` names CSV, and does not name JSON before CSV. */
const wantsCsv = ({ headers: { accept = '' } }: FastifyRequest): boolean => {
  const [csvAt, jsonAt] = [accept.indexOf('text/csv'), accept.indexOf('application/json')];
  return csvAt >= 0 && (jsonAt < 0 || csvAt < jsonAt);
};

const csv = (reply: FastifyReply, text: string): FastifyReply => reply.type('text/csv; charset=utf-8').send(text);

/** Description of a column in the response of `GET /model`. */
interface ColumnText {
  readonly name: string;
  readonly kind: 'number' | 'category' | 'date';
  /** Whether this column is a condition of the density. */
  readonly condition: boolean;
  /**
   * Whether training rows had gaps in this condition. A gap in a column that is not a condition is always allowed: the
   * score is the log-density of the other cells.
   */
  readonly mayBeMissing?: boolean;
  /** Categories of the column in the training rows. */
  readonly categories?: readonly string[];
  readonly period?: number;
}

/** Returns the description of a column for the response of `GET /model`. */
export const describeColumn = (column: ColumnSpec): ColumnText => {
  const { name, given = false } = column;
  if (column.kind === 'category') return { name, kind: 'category', condition: given, categories: column.levels };
  const { date, fill, period } = column;
  return {
    name,
    kind: date === undefined ? 'number' : 'date',
    condition: given,
    ...(given ? { mayBeMissing: fill !== undefined } : {}),
    ...(period === undefined ? {} : { period }),
  };
};

/** Returns scores as JSON, with the field names of `impflow score --json`. NaN and infinities become `null`. */
const scoresJson = (scores: ScoredRows, { estimated }: Pick<TrainedRecords, 'estimated'>): object => ({
  rows: scores.values.length,
  unconverged: unconverged(scores),
  ...scoreLists(scoreColumns(scores, estimated)),
  remarks: scores.remarks,
});

/** Returns scores as CSV, with the columns that `impflow score --out scores.csv` writes. */
const scoresCsv = (scores: ScoredRows, { estimated }: Pick<TrainedRecords, 'estimated'>): string =>
  toCsvFrame(scoreFrame('scores', scoreColumns(scores, estimated), scores.values.length));
