import { fork, type ChildProcess } from 'node:child_process';
import { FlowError } from '@impflow/core';
import { asError } from '../backends/sent-error.ts';
import type { PoolSettings, ToOwner } from './process-messages.ts';
import type { PartTask, ScoredPart, WrittenPart } from './task.ts';

/** A process that runs one task at a time. */
export interface TaskProcess {
  /**
   * Runs a task. Ask again only after the answer.
   *
   * @throws the error of the task; `worker` if the process ends; the reason of the signal, which ends the process.
   */
  ask(
    task: PartTask,
    options: { readonly signal: AbortSignal | undefined; readonly onProgress: (done: number) => void },
  ): Promise<ScoredPart | WrittenPart>;
  /** Ends the process. */
  end(): Promise<void>;
}

/** Most characters of its standard error that the message on a lost process looks at. */
const KEPT = 2000;

/** A process for tasks. It starts with the first task, and anew after it was lost. */
export const taskProcess = (settings: PoolSettings): TaskProcess => {
  let child: ChildProcess | undefined;
  let said = '';
  const started = (): ChildProcess => {
    if (child !== undefined) return child;
    // The output of libraries must not reach the caller's streams.
    const fresh = fork(MODULE, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced' });
    said = '';
    fresh.stderr!.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-KEPT);
    });
    // An error of a message to a process that has ended: `close` tells of the end.
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (child === fresh) child = undefined;
    });
    fresh.send(settings);
    child = fresh;
    return fresh;
  };
  return {
    ask: (task, { signal, onProgress }) =>
      new Promise((resolve, reject) => {
        const process = started();
        const onMessage = (message: ToOwner): void => {
          if ('progress' in message) return onProgress(message.progress);
          forget();
          if ('answer' in message) resolve(message.answer);
          else reject(asError(message.error));
        };
        const onClose = (code: number | null, by: NodeJS.Signals | null): void => {
          forget();
          reject(signal?.aborted === true ? signal.reason : lost(by ?? `exit code ${code}`, said));
        };
        const onAbort = (): void => void process.kill('SIGKILL');
        const forget = (): void => {
          process.off('message', onMessage);
          process.off('close', onClose);
          signal?.removeEventListener('abort', onAbort);
        };
        process.on('message', onMessage);
        process.on('close', onClose);
        signal?.addEventListener('abort', onAbort);
        process.send(task);
      }),
    end: () =>
      new Promise((resolve) => {
        if (child === undefined) return resolve();
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
};

const lost = (how: string, said: string): FlowError => {
  const lines = said.trim().split('\n');
  // Node prints the source, the error, its stack and the version.
  const last = (lines.findLast((line) => /^\w*Error\b|^FATAL/.test(line)) ?? lines.at(-1)!).trim();
  return new FlowError('worker', 'cli', 'The process of a task ended', {
    expected: 'an answer',
    got: `${how}${last === '' ? '' : ` after "${last.slice(0, 200)}"`}`,
  });
};

/** The compiled module, even when this file runs from source. */
const MODULE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/tasks/task-process.js' : './task-process.js',
  import.meta.url,
);
