import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FlowError, type ErrorCode } from '@impflow/core';

/** How a process of {@link runProgram} ended. */
export interface ProgramEnd {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  /** The error that it ended with, as far as it is known. */
  readonly error?: Error;
}

/** Options of {@link runProgram}. */
export interface ProgramOptions {
  /** Ends the process: by SIGTERM, which a training saves at, and after ten seconds by SIGKILL. */
  readonly signal: AbortSignal;
  /** Path of the command line. Default: that of this package. */
  readonly program?: string | undefined;
  /** Receives the number of the process when it runs. */
  readonly onStart?: (pid: number) => void;
}

/** Path of the command line of this package. */
export const PROGRAM: string = fileURLToPath(new URL('../../bin/impflow.mjs', import.meta.url));

/** Time that a process gets to save, in milliseconds. */
const GRACE_MS = 10_000;
const MOST_TEXT = 2000;

/**
 * Runs `impflow` with these arguments as a process of its own, and waits for its end. The process is interrupted when
 * this one dies.
 *
 * @throws the reason of the signal, when the process has ended; the error of a process that cannot be started.
 */
export const runProgram = (
  args: readonly string[],
  { signal, program = PROGRAM, onStart }: ProgramOptions,
): Promise<ProgramEnd> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(signal.reason as Error);
    // A session of its own: a Ctrl-C in the terminal reaches this process only, which then stops that one once.
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    let [stdout, said] = ['', ''];
    let sent: { readonly code?: ErrorCode; readonly message: string } | undefined;
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.kill('SIGTERM');
      timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    child.stdout!.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr!.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-MOST_TEXT);
    });
    child.on('message', (message) => {
      sent = message as typeof sent;
    });
    child.once('error', (error) => {
      settled();
      reject(error);
    });
    // Not `exit`: the last output may arrive after it.
    child.once('close', (code) => {
      settled();
      if (signal.aborted) return void reject(signal.reason as Error);
      const last = said.trim().split('\n').at(-1)!;
      const error = sent === undefined ? (last === '' ? undefined : new Error(last)) : errorOf(sent);
      resolve({ code, stdout, ...(error === undefined ? {} : { error }) });
    });
    signal.addEventListener('abort', stop);
    if (child.pid !== undefined) onStart?.(child.pid);
  });

const errorOf = ({ code, message }: { readonly code?: ErrorCode; readonly message: string }): Error =>
  // `FlowError` would format the message again.
  code === undefined ? new Error(message) : Object.assign(new FlowError(code, 'cli', ''), { message });
