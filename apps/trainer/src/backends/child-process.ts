import { fork } from 'node:child_process';
import { FlowError } from '@impflow/core';
import { receivedError, sentError, type SentError } from '@impflow/jobs';

/** Message from a process that called {@link answer}. */
type Reply = { readonly answer: unknown } | { readonly error: SentError };

/**
 * Runs a module in a separate process, sends a message to the process, and returns its reply. The module must call
 * {@link answer}. A process can hold only one native library of a backend, and such a library may crash the process.
 * Measurements in separate processes do not slow each other down.
 */
export const askChild = <Answer>(
  module: URL,
  question: unknown,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    // Text that libraries print in the process must not appear in the output of the caller.
    const child = fork(module, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    });
    let [reply, said]: [Reply | undefined, string] = [undefined, ''];
    child.stderr!.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-2000);
    });
    child.once('error', reject);
    child.once('message', (message: Reply) => {
      reply = message;
      // Some native libraries hang when their process exits.
      child.kill('SIGKILL');
    });
    // The event `close` is awaited instead of `exit`, because the last output may arrive after `exit`.
    child.once('close', (code, signal) => {
      if (reply === undefined) {
        const last = said.trim().split('\n').at(-1)!.trim();
        reject(
          new FlowError('worker', 'cli', 'The process of this backend ended', {
            expected: 'an answer',
            got: `${signal ?? `exit code ${code}`}${last === '' ? '' : ` after "${last.slice(0, 200)}"`}`,
          }),
        );
      } else if ('answer' in reply) resolve(reply.answer as Answer);
      else reject(receivedError(reply.error));
    });
    child.send(question as object);
  });

/** Replies to the message of {@link askChild}, in the process that `askChild` has started. */
export const answer = <Question>(to: (question: Question) => Promise<unknown>): void => {
  // The channel closes when the parent process ends.
  process.on('disconnect', () => process.exit());
  process.once('message', (question: Question) => {
    const send = (reply: Reply): void => {
      process.send!(reply);
    };
    to(question).then(
      (found) => send({ answer: found }),
      (error: unknown) => send({ error: sentError(error) }),
    );
  });
};
