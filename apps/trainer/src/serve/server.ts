import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import { VERSION } from '../version.ts';
import { answerBadPath, answerErrors, answerUnreadable } from './answer-errors.ts';
import { refuseForeignHosts } from './hosts.ts';
import type { Limits } from './limits.ts';
import { serverMetrics, type Metrics } from './metrics.ts';
import { refusal } from './refusal.ts';
import { routesOf } from './routes.ts';
import { serviceOf, warmUp, type Served } from './service.ts';

/** The address of a server, and its limits. */
export interface ServerOptions extends Limits {
  readonly host: string;
  /** Port, or 0 for any free port. */
  readonly port: number;
  /** Names, besides `host` and the names of this machine for itself, under which clients may address the server. */
  readonly allowHost?: readonly string[];
}

/** A server that accepts requests. */
export interface RunningServer {
  readonly url: string;
  /** Stops accepting requests, and waits until the requests that have arrived are completed. */
  close(): Promise<void>;
  totals(): ReturnType<Metrics['totals']>;
}

/**
 * Starts a server for a run.
 *
 * @throws errors of the operating system if the server cannot listen.
 */
export const startServer = async (served: Served, options: ServerOptions): Promise<RunningServer> => {
  warmUp(served.trained);
  const metrics = serverMetrics(served.trained.heldOut);
  const app = fastify({
    bodyLimit: options.maxBody,
    // `requestTimeout` limits the time to receive a request. `routesOf` limits the time to compute the response.
    requestTimeout: 1000 * options.timeout,
    http: {
      // Node applies the larger of both limits to the whole request, so the limit of the headers must not be larger.
      headersTimeout: Math.min(60_000, 1000 * options.timeout),
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: Math.min(1000, 1000 * options.timeout),
      // `refuseForeignHosts` refuses requests without a host, with a sentence.
      requireHostHeader: false,
    },
    frameworkErrors: answerBadPath,
    clientErrorHandler: answerUnreadable(options),
    logger: false,
  });
  refuseForeignHosts(app, options);
  // The functions that read a body check the body and throw errors in sentences, so fastify does not validate bodies.
  // Responses are plain JSON.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => parseJson(String(body), done));
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.addHook('onResponse', (request, reply, done) => {
    // Requests are counted per route. A count per path would create a new metric for each unknown path.
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  let closing = false;
  app.addHook('onSend', (_, reply, payload, done) => {
    // Without this header, a client that keeps its connection would keep the process alive.
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
  await withDocs(app, served.name);
  const routes = routesOf(served, serviceOf(served.trained, options, metrics), {
    limits: options,
    metrics,
    describe: () => app.swagger(),
  });
  for (const route of routes) app.route(route);
  answerErrors(app, options, new Map(routes.map(({ url, method }) => [url, String(method)])));
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () => {
      closing = true;
      return app.close();
    },
    totals: metrics.totals,
  };
};

const withDocs = async (app: FastifyInstance, name: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: `impflow: ${name}`,
        description: 'Log-densities, reasons and draws of a trained model.',
        version: VERSION,
      },
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // The documentation page sends requests only to this server, and works without TLS.
    uiConfig: { validatorUrl: null },
    staticCSP: {
      'default-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'style-src': ["'self'", "'unsafe-inline'"],
    },
  });
};

/** Parses a body of JSON. The message of fastify's default parser does not contain the position of the error. */
const parseJson = (body: string, done: (error: Error | null, value?: unknown) => void): void => {
  if (body.trim() === '') return done(null, undefined);
  try {
    done(null, JSON.parse(body));
  } catch (cause) {
    done(
      refusal(400, 'The body is not JSON', {
        expected: 'a JSON array of objects, or CSV as text/csv',
        got: (cause as Error).message,
        hint: 'JSON has no NaN and no Infinity: use null.',
      }),
    );
  }
};
