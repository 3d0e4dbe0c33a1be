import { basename, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { modelDrift, number } from 'impflow/run';
import type { ComputingOptions } from '../adapters/backends.ts';
import { startForRun } from '../backends/start-for-run.ts';
import { loadTableRun } from '../checkpoint/load-run.ts';
import { registriesWith } from '../plugins/registries.ts';
import { isLoopback } from '../serve/hosts.ts';
import type { RunningServer, ServerOptions } from '../serve/server.ts';
import type { Served } from '../serve/service.ts';
import { partsOfRun } from '../tables/loaded-table.ts';
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
  let testRows: ReturnType<typeof partsOfRun> | undefined;
  const served: Served = {
    name,
    trained,
    drift: (rows, options) =>
      // The test rows are read at the first request.
      modelDrift(
        { trained, contents: loaded.contents, testRows: () => (testRows ??= partsOfRun(loaded)) },
        rows,
        options,
      ),
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
