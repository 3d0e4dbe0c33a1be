import { fork } from 'node:child_process';
import { FlowError, isFlowError } from '@impflow/core';

/** What a process of {@link answer} sends. */
type Reply = { readonly answer: unknown } | { readonly error: Sent };

/** An error as data. */
type Sent = { readonly message: string } | Pick<FlowError, 'code' | 'at' | 'what' | 'expected' | 'got' | 'hint'>;

/**
 * Asks a module that calls {@link answer}, in a process of its own: for native libraries, of which a process runs one, and which may take it
 * down with them; and so that what one measurement leaves behind does not slow the next.
 *
 * @param signal Ends the process.
 * @throws what the module throws; `worker` where its process dies.
 */
export const askApart = <Answer>(module: URL, question: unknown, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Answer> => new Promise((resolve, reject) => {
  // What libraries say of themselves is not for the caller's streams.
  const child = fork(module, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced', killSignal: 'SIGKILL', ...(signal === undefined ? {} : { signal }) });
  let [reply, said]: [Reply | undefined, string] = [undefined, ''];
  child.stderr!.on('data', (chunk) => { said = `${said}${String(chunk)}`.slice(-2000); });
  child.once('error', reject);
  child.once('message', (message: Reply) => {
    reply = message;
    // Some libraries hang on their way out.
    child.kill('SIGKILL');
  });
  // Not `exit`: what it said last is still on its way then.
  child.once('close', (code, signal) => {
    if (reply === undefined) {
      const last = said.trim().split('\n').at(-1)!.trim();
      reject(new FlowError('worker', 'cli', 'Its process ended', { expected: 'an answer', got: `${signal ?? `exit code ${code}`}${last === '' ? '' : ` after "${last.slice(0, 200)}"`}` }));
    } else if ('answer' in reply) resolve(reply.answer as Answer);
    else reject(asError(reply.error));
  });
  child.send(question as object);
});

/** Answers the one question that comes from {@link askApart}. */
export const answer = <Question>(to: (question: Question) => Promise<unknown>): void => {
  // Nobody is left to answer to.
  process.on('disconnect', () => process.exit());
  process.once('message', (question: Question) => {
    const send = (reply: Reply): void => { process.send!(reply); };
    to(question).then((found) => send({ answer: found }), (error: unknown) => send({ error: plain(error) }));
  });
};

const plain = (error: unknown): Sent => {
  if (!isFlowError(error)) return { message: String(error) };
  const { code, at, what, expected, got, hint } = error;
  return { code, at, what, ...(expected === undefined ? {} : { expected }), ...(got === undefined ? {} : { got }), ...(hint === undefined ? {} : { hint }) };
};

const asError = (sent: Sent): Error => ('message' in sent ? new Error(sent.message) : new FlowError(sent.code, sent.at, sent.what, sent));
