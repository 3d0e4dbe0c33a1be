import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isFlowError, type FlowError } from '@impflow/core';
import { printable } from '@impflow/tables';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asKnownError, printError } from '../terminal/errors.ts';
import { sizeText, type Limits } from './limits.ts';
import { refusal, statusOf } from './refusal.ts';

/** Body of the response to a request that failed. */
interface ErrorBody {
  readonly error: { readonly what: string; readonly expected?: string; readonly got?: string; readonly hint?: string };
}

/** Maximum number of characters of a string in an error response. The string may quote text that the client sent. */
const MOST = 400;

const readable = (text: string): string =>
  printable(text.length > MOST ? `${text.slice(0, MOST)}…` : text.replaceAll('\n', ' '));

const bodyOf = ({ what, expected, got, hint }: FlowError): ErrorBody => ({
  error: Object.fromEntries(
    Object.entries({ what, expected, got, hint }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, readable(text)]],
    ),
  ) as ErrorBody['error'],
});

/**
 * Makes a server respond to every error with JSON that describes the error in a sentence. The responses contain no
 * stack traces and no paths of this machine.
 */
export const answerErrors = (app: FastifyInstance, limits: Limits, routes: ReadonlyMap<string, string>): void => {
  app.setErrorHandler(async (error, request, reply) => {
    const known = wordsFor(error as FastifyError, limits, request.headers['content-type']);
    if (statusOf(known) === 413) await drained(request.raw);
    return reply
      .code(statusOf(known))
      .headers(statusOf(known) === 503 ? { 'retry-after': '1' } : {})
      .type('application/json')
      .send(bodyOf(known));
  });
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?') as [string];
    const method = routes.get(path);
    const all = [...routes].map(([route, name]) => `${name} ${route}`).join(', ');
    const error =
      method === undefined
        ? refusal(404, 'Unknown path', { expected: `one of ${all}`, got: path, hint: 'See GET /docs.' })
        : refusal(405, `${path} does not support ${request.method}`, {
            expected: method,
            got: request.method,
            hint: 'See GET /docs.',
          });
    return reply
      .code(error.status)
      .headers(method === undefined ? {} : { allow: method })
      .send(bodyOf(error));
  });
};

/** Responds to a request whose path cannot be decoded, such as `/%zz`. No route sees such a request. */
export const answerBadPath = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  const known = refusal(error.statusCode ?? 400, 'The path is malformed', {
    expected: 'a path with valid escapes, such as %20',
    got: request.url,
    hint: 'See GET /docs.',
  });
  void reply.code(known.status).type('application/json').send(bodyOf(known));
};

/**
 * Returns the handler of requests that Node cannot read: they arrive too slowly, their header is too large, or they are
 * not HTTP. No response object exists for such a request, so the handler writes the response to the socket and closes
 * the connection.
 */
export const answerUnreadable =
  ({ timeout }: Limits) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const known =
      error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? refusal(408, 'The request does not arrive in time', {
            expected: `at most ${timeout} s`,
            got: 'more',
            hint: 'Send it in parts, or start the server with a larger --timeout.',
          })
        : error.code === 'HPE_HEADER_OVERFLOW'
          ? refusal(431, 'The header of the request is too large', { expected: 'at most 16 kb', got: 'more' })
          : refusal(400, 'The request is not HTTP', { got: error.message });
    const body = JSON.stringify(bodyOf(known));
    socket.end(
      `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  };

/** Largest number of bytes of a refused body that are read, and the largest number of milliseconds that this takes. */
const DRAINED_BYTES = 2 ** 26;
const DRAINED_MS = 5000;

/**
 * Reads and drops the rest of a body. If the server closed the connection while the client still sends, most clients
 * would report a broken connection instead of the response.
 */
const drained = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', done).off('close', done).pause();
      resolve();
    };
    let bytes = 0;
    const count = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      if (bytes > DRAINED_BYTES) done();
    };
    const timer = setTimeout(done, DRAINED_MS);
    if (request.readableEnded || request.destroyed) done();
    else request.on('data', count).on('end', done).on('close', done).resume();
  });

const wordsFor = (error: FastifyError, { maxBody }: Limits, type = 'none'): FlowError => {
  const words = WORDS[error.code];
  if (words !== undefined) return words(sizeText(maxBody), type);
  const known = asKnownError(error);
  if (isFlowError(known)) return known;
  if (error.statusCode !== undefined && error.statusCode < 500)
    return refusal(error.statusCode, 'The request is malformed', { got: error.message });
  // The error is a fault of the server. The stack trace is printed for the person who runs the server.
  printError(error);
  return refusal(500, 'The server failed', { hint: 'The terminal of the server shows the reason.' });
};

/** Messages that replace the messages of the package fastify, by the code of its error. */
const WORDS: Readonly<Record<string, (maxBody: string, type: string) => FlowError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (most) =>
    refusal(413, 'The body is too large', { expected: `at most ${most}`, got: 'more', hint: 'Send it in parts.' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (_, type) =>
    refusal(415, 'Wrong content type', {
      expected: 'application/json or text/csv',
      got: type,
      hint: 'Set the header content-type.',
    }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    refusal(400, 'The body does not have the length that its header declares', {
      expected: 'as many bytes as content-length',
    }),
};
