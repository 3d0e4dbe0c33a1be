import { FlowError, openRegularFile } from '@impflow/core';
import type { ParquetQuestion } from './parquet-decode.ts';
import type { ParquetMessage, ParquetRequest } from './parquet-process.ts';
import { assertNotEmpty, malformed, type RawColumn, type RawTable } from './raw.ts';

/** Limits on the process that reads a Parquet file. */
export interface ParquetLimits {
  /** Time limit of the reading process, in seconds. */
  readonly seconds: number;
  /** Heap limit of the reading process, in MiB. */
  readonly megabytes: number;
}

/**
 * Returns the limits on time and memory for a file of `bytes` bytes. The time limit is 30 seconds plus one second per
 * MiB. The memory limit is 2 GiB plus 64 MiB per MiB, but at most three quarters of the machine's memory.
 */
export const parquetLimits = (bytes: number): ParquetLimits => ({
  seconds: Math.ceil(30 + bytes / MIB),
  megabytes: Math.ceil(
    Math.min(2048 + (64 * bytes) / MIB, (0.75 * process.getBuiltinModule('node:os').totalmem()) / MIB),
  ),
});

const MIB = 2 ** 20;

/**
 * Reads the flat columns of a Parquet file: numbers, strings, booleans and times. The file may be uncompressed, or
 * compressed by Snappy, gzip, Brotli or Zstandard.
 *
 * @remarks A separate process with the limits of {@link parquetLimits} reads the file, because a damaged byte can make
 * the reader loop forever or run out of memory. Starting the process takes about 100 ms. During the transfer between
 * the processes, the numbers are in memory twice.
 * @throws `input` for a file that cannot be read, or that cannot be read within the limits; `unsupported` if no process
 * can start.
 */
export const readParquet = async (
  at: string,
  path: string,
  question: ParquetQuestion = {},
  limits?: ParquetLimits,
): Promise<RawTable> => {
  const file = await openRegularFile(at, path);
  await file.close();
  if (file.size === 0) assertNotEmpty(path, new Uint8Array());
  return received({ path, ...question }, limits ?? parquetLimits(file.size));
};

/** Reads a Parquet file from its bytes, as {@link readParquet} does from its path. */
export const decodeParquetBytes = (
  path: string,
  bytes: Uint8Array,
  question: ParquetQuestion = {},
): Promise<RawTable> => received({ path, bytes, ...question }, parquetLimits(bytes.length));

const received = (request: ParquetRequest, { seconds, megabytes }: ParquetLimits): Promise<RawTable> =>
  new Promise((resolve, reject) => {
    const { path } = request;
    const child = process
      .getBuiltinModule('node:child_process')
      .fork(MODULE, {
        execArgv: [`--max-old-space-size=${megabytes}`],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        serialization: 'advanced',
        killSignal: 'SIGKILL',
      });
    const columns: RawColumn[] = [];
    let rows = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      // The process is killed, because it may still be running, for example in an endless loop.
      child.on('error', () => {});
      child.kill();
      settle();
    };
    const fail = (error: FlowError): void => finish(() => reject(error));
    const timer = setTimeout(
      () =>
        fail(
          malformed(
            path,
            'An endless Parquet table',
            `a file that is read within ${seconds} seconds`,
            'more',
            `It is damaged, or too large: ${AGAIN}`,
          ),
        ),
      1000 * seconds,
    );
    child.on('message', (message: ParquetMessage) => {
      if ('rows' in message) rows = message.rows;
      else if ('name' in message) columns.push(message);
      else if ('end' in message) finish(() => resolve({ rows, columns, place: (row) => `row ${row + 1}` }));
      else
        fail(
          malformed(
            path,
            'No readable Parquet table',
            'a complete Parquet file',
            message.error.replace(/\.$/, ''),
            `W${AGAIN.slice(1)}`,
          ),
        );
    });
    child.on('error', (cause) =>
      fail(
        new FlowError('unsupported', 'tables/readFrame', `Cannot start a process to read ${path}`, {
          expected: 'one more process',
          got: cause.message,
          cause,
          hint: 'Allow more processes, or convert the table to CSV.',
        }),
      ),
    );
    child.on('exit', (code, signal) =>
      fail(
        malformed(
          path,
          'No readable Parquet table',
          `a file whose numbers fit in ${megabytes} MiB`,
          `the end of the process that read it, ${signal ?? `exit code ${code}`}`,
          `It is damaged, or too large: ${AGAIN}`,
        ),
      ),
    );
    child.send(request);
  });

const AGAIN = 'write the file again, with Snappy compression or none.';
/**
 * URL of the compiled module of the reading process. The compiled module is used even if this file runs as TypeScript,
 * because some versions of Node cannot run TypeScript.
 */
const MODULE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/read/parquet-process.js' : './parquet-process.js',
  import.meta.url,
);
