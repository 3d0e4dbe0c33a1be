import { fork, type ChildProcess } from 'node:child_process';
import type { TaskOptions } from '@impflow/core';
import type { ProgramModule } from '../program/program.ts';
import type { ResultOf, Task } from '../tasks/task.ts';
import { GRACE_MS, type ToOwner, type ToProcess } from './messages.ts';
import { receivedError } from './sent-error.ts';

/** Result of a task in a process. */
export type Reply =
  | { readonly answer: ResultOf<Task> }
  | { readonly error: Error }
  /** The process ended without a result. The string describes how it ended. */
  | { readonly lost: string };

/** A process that runs one task at a time. */
export interface TaskProcess {
  /**
   * Runs a task. Call `ask` again only after the reply. An abort of the signal ends the process. If the task is a
   * training, the process saves the training before it ends.
   */
  ask(task: Task, options: Required<TaskOptions>): Promise<Reply>;
  /** Ends the process after the reply to its task. */
  end(): Promise<void>;
}

/** Maximum number of characters of the standard error of a process that are kept for an error message. */
const KEPT = 2000;

/**
 * Returns an object that runs tasks in a process. The process starts with the first task, and starts again after it has
 * ended unexpectedly.
 */
export const taskProcess = (program: ProgramModule | undefined): TaskProcess => {
  let child: ChildProcess | undefined;
  let said = '';
  let asked: Promise<Reply> | undefined;
  const started = (): ChildProcess => {
    if (child !== undefined) return child;
    const fresh = fork(MODULE, {
      // Text that libraries print in the process must not appear in the output of the caller.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      // The process has its own session, so Ctrl-C in the terminal reaches only the parent process. The parent process
      // then ends this process.
      detached: true,
      ...(FROM_SOURCE ? { execArgv: [] } : {}),
    });
    said = '';
    fresh.stderr!.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-KEPT);
    });
    // Sending a message to an ended process causes an error. The error is ignored, because the event `close` reports
    // the end of the process.
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (child === fresh) child = undefined;
    });
    send(fresh, { program });
    child = fresh;
    return fresh;
  };
  const ask: TaskProcess['ask'] = (task, { signal, onProgress }) =>
    new Promise((resolve) => {
      const process = started();
      let timer: NodeJS.Timeout | undefined;
      const settle = (reply: Reply): void => {
        clearTimeout(timer);
        process.off('message', onMessage);
        process.off('close', onClose);
        signal.removeEventListener('abort', onAbort);
        resolve(reply);
      };
      const onMessage = (message: ToOwner): void => {
        if ('progress' in message) onProgress(message.progress);
        else settle('answer' in message ? message : { error: receivedError(message.error) });
      };
      const onClose = (code: number | null, by: NodeJS.Signals | null): void =>
        settle({ lost: `${by ?? `exit code ${code}`}${lastWords(said)}` });
      const onAbort = (): void => {
        if (task.kind !== 'train') return void process.kill('SIGKILL');
        send(process, { stop: true });
        timer = setTimeout(() => process.kill('SIGKILL'), GRACE_MS);
      };
      process.on('message', onMessage);
      process.on('close', onClose);
      signal.addEventListener('abort', onAbort);
      send(process, { task });
    });
  return {
    ask: (task, options) => (asked = ask(task, options)),
    end: async () => {
      await asked;
      const last = child;
      if (last === undefined) return;
      await new Promise<void>((resolve) => {
        last.once('close', () => resolve());
        last.kill('SIGKILL');
      });
    },
  };
};

const send = (child: ChildProcess, message: ToProcess): void => void child.send(message);

/**
 * Returns the error that a process printed last. Node prints the line of the source, the error, its stack, and the
 * version of Node.
 */
const lastWords = (said: string): string => {
  const lines = said.trim().split('\n');
  const last = (lines.findLast((line) => /^\w*Error\b|^FATAL/.test(line)) ?? lines.at(-1)!).trim();
  return last === '' ? '' : ` after "${last.slice(0, 200)}"`;
};

const FROM_SOURCE = import.meta.url.endsWith('.ts');
/** URL of the compiled module, even when this file runs from source. */
const MODULE = new URL(FROM_SOURCE ? '../../dist/pool/task-process.js' : './task-process.js', import.meta.url);
