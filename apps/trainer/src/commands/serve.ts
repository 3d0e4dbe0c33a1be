import { basename, resolve } from 'node:path';
import { FlowError, isFlowError } from '@impflow/core';
import { modelDrift, number, type TableParts } from 'impflow/run';
import type { ComputingOptions } from '../adapters/backends.ts';
import { startForRun } from '../backends/start-for-run.ts';
import { loadTableRun } from '../checkpoint/load-run.ts';
import { registriesWith } from '../plugins/registries.ts';
import { isLoopback } from '../serve/hosts.ts';
import { refusal } from '../serve/refusal.ts';
import type { RunningServer, ServerOptions } from '../serve/server.ts';
import type { Served } from '../serve/service.ts';
import { partsOfRun, type LoadedTable } from '../tables/loaded-table.ts';
import { printError } from '../terminal/errors.ts';
import { note, printResult } from '../terminal/output.ts';

/** Options of `serve`. */
export interface ServeOptions extends ComputingOptions, ServerOptions {}

/**
 * Serves a run on a table over HTTP until an interruption, then waits until the requests that have arrived are
 * completed. Returns the exit code, which is 1 if the server cannot listen.
 */
export const serve = async (run: string, options: ServeOptions, interruptible: () => AbortSignal): Promise<number> => {
  const registries = await registriesWith(options.plugin, options);
  await startForRun(run, options, registries);
  const loaded = await loadTableRun(run, registries);
  const { rows: trained } = loaded;
  const name = basename(resolve(loaded.paths.folder));
  const testRows = testRowsOf(loaded);
  const served: Served = {
    name,
    trained,
    drift: async (rows, options) => {
      const heldOut = options.reference === undefined ? await testRows() : undefined;
      const { contents } = loaded;
      return modelDrift({ trained, contents, testRows: () => Promise.resolve(heldOut!) }, rows, options);
    },
  };
  const interrupted = interruptible();
  const server = await listening(served, options);
  if (server === undefined) return 1;
  note(options, `Serving ${name} at ${server.url}, described at ${server.url}/docs. Ctrl-C stops it.`);
  if (!isLoopback(options.host))
    note(options, `There is no authentication: anyone who can reach ${server.url} can use and read the model.`);
  await new Promise<void>((done) => {
    if (interrupted.aborted) done();
    interrupted.addEventListener('abort', () => done(), { once: true });
  });
  await server.close();
  const { requests, rows } = server.totals();
  printResult(
    options,
    { run: loaded.paths.folder, requests, rows },
    () => `Stopped after ${number(requests)} requests and ${number(rows)} rows.`,
  );
  return 0;
};

/**
 * Returns a function that returns the test rows of a run. They are read from the training data at the first call.
 *
 * @throws an error with HTTP status 503 if they cannot be read, without paths of this machine. The next call tries again.
 */
const testRowsOf = (run: LoadedTable): (() => Promise<Pick<TableParts, 'test' | 'testWithGaps'>>) => {
  let found: Promise<Pick<TableParts, 'test' | 'testWithGaps'>> | undefined;
  return () =>
    (found ??= partsOfRun(run).then(
      // The training rows are not kept.
      ({ test, testWithGaps }) => ({ test, testWithGaps }),
      (cause: unknown) => {
        found = undefined;
        if (isFlowError(cause)) printError(cause);
        throw refusal(503, 'The server cannot read the test rows of the training', {
          expected: 'the training data, unchanged',
          got: 'other data, or none',
          hint: 'Send rows that the model was not trained on in the field reference.',
        });
      },
    ));
};

/** Starts and returns the server. If the server cannot listen, prints the reason and returns undefined. */
const listening = async (served: Served, options: ServeOptions): Promise<RunningServer | undefined> => {
  // The server is imported here, because other commands need neither the server nor its packages.
  const { startServer } = await import('../serve/server.ts');
  return startServer(served, options).catch((error: NodeJS.ErrnoException) => {
    const [expected, hint] = UNHEARD[error.code ?? ''] ?? [];
    if (expected === undefined) throw error;
    printError(
      new FlowError('unsupported', 'cli', `Cannot listen at ${options.host}, port ${options.port}`, {
        expected,
        got: error.code!,
        hint: hint!,
      }),
    );
    return undefined;
  });
};

/**
 * Expected value and hint of the error that is printed if the server cannot listen, by the error code of the system.
 */
const UNHEARD: Readonly<Record<string, readonly [expected: string, hint: string]>> = {
  EADDRINUSE: ['a free port', 'Choose another --port, or stop the program that uses this port.'],
  EACCES: ['a port that this user may open', 'Choose a --port above 1023.'],
  EADDRNOTAVAIL: ['an address of this machine', 'Choose another --host.'],
  ENOTFOUND: ['a name or an address of this machine', 'Choose another --host.'],
  EAI_AGAIN: ['a name or an address of this machine', 'Choose another --host.'],
};
