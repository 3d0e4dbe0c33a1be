import { FlowError, isFlowError, type ErrorCode } from '@impflow/core';
import { printable } from '@impflow/tables';
import { withFlags } from './flags.ts';
import { paint, type TextStream } from './stream.ts';

/** Codes of errors that the user can correct, such as wrong data, a wrong option or a missing file. */
const CALLER: readonly ErrorCode[] = ['shape', 'option', 'input', 'registry', 'checkpoint', 'unsupported'];

/** Exit code for an error: 2 for wrong input or options, 130 for an interruption, 1 for any other error. */
export const exitCode = (error: unknown): 0 | 1 | 2 | 130 => {
  if (isFlowError(error)) return CALLER.includes(error.code) ? 2 : 1;
  if (!(error instanceof Error)) return 1;
  if (error.name === 'AbortError') return 130;
  const { code, exitCode: own } = error as { code?: unknown; exitCode?: unknown };
  // Commander throws the help and the version with exit code 0. All other errors of Commander are wrong calls.
  if (typeof code === 'string' && code.startsWith('commander.')) return own === 0 ? 0 : 2;
  return 1;
};

/**
 * Prints an error as one line to standard error. If the error is a fault of the program or of a plugin, the stack trace
 * follows.
 */
export const printError = (error: unknown, stream: TextStream = process.stderr): void => {
  const text = error instanceof Error ? error.message : String(error);
  const own = isFlowError(error) || exitCode(error) !== 1;
  stream.write(`${paint('red', own ? oneLine(text) : `[cli] Unexpected error: ${oneLine(text)}`, stream)}\n`);
  // The stack trace of the cause shows the author of a plugin where the plugin failed.
  const broken = isFlowError(error, 'plugin') ? error.cause : own ? undefined : error;
  if (broken instanceof Error && broken.stack !== undefined) {
    stream.write(
      `${broken.stack
        .split('\n')
        .filter((line) => line.startsWith('    at '))
        .join('\n')}\n`,
    );
  }
};

/** Turns errors of memory and of the operating system into a `FlowError`. Returns any other error unchanged. */
export const asKnownError = (error: unknown): unknown => {
  // If memory runs out in the code of a plugin or a block, the error is reported as a lack of memory and not as a fault
  // of the plugin.
  const cause = isFlowError(error, 'plugin') ? error.cause : error;
  return cause instanceof Error && !isFlowError(cause) ? (wordsFor(cause) ?? error) : error;
};

const wordsFor = (error: Error): FlowError | undefined => {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (
    code === 'ERR_STRING_TOO_LONG' ||
    (error instanceof RangeError &&
      /allocation failed|^Invalid (?:typed )?array (?:buffer )?length|^Invalid string length/.test(error.message))
  ) {
    return new FlowError('unsupported', 'cli', 'Not enough memory', {
      expected: 'memory for the numbers of this command',
      got: oneLine(error.message),
      cause: error,
      hint: 'Lower --batch, --hidden, --blocks or -n, whichever is large.',
    });
  }
  if (typeof code === 'string' && typeof syscall === 'string') {
    return new FlowError('input', 'cli', `The system refuses ${syscall}${path === undefined ? '' : ` of ${path}`}`, {
      expected: 'permission and room',
      got: code,
      cause: error,
      hint: 'Check the path and the disk.',
    });
  }
  return undefined;
};

const oneLine = (text: string): string =>
  printable(
    withFlags(text)
      .replace(/\s*\n\s*/g, ' ')
      .trim(),
  );
