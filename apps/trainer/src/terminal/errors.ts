import { isFlowError, type ErrorCode } from '@impflow/core';
import { paint, type TextStream } from './stream.ts';

/** What the caller can mend: the data, an option, a name, a file. */
const CALLER: readonly ErrorCode[] = ['shape', 'option', 'input', 'registry', 'checkpoint', 'unsupported'];

/** The exit code of the process for an error: 2 for wrong input or options, 130 for an interruption, 1 for anything else. */
export const exitCode = (error: unknown): 0 | 1 | 2 | 130 => {
  if (isFlowError(error)) return CALLER.includes(error.code) ? 2 : 1;
  if (!(error instanceof Error)) return 1;
  if (error.name === 'AbortError') return 130;
  const { code, exitCode: own } = error as { code?: unknown; exitCode?: unknown };
  // Commander throws its help and version texts too, with exit code 0; everything else of its own is a wrong call.
  if (typeof code === 'string' && code.startsWith('commander.')) return own === 0 ? 0 : 2;
  return 1;
};

/** One line to standard error. An error that is none of ours is a fault of the program: its stack follows. */
export const printError = (error: unknown, stream: TextStream = process.stderr): void => {
  const text = error instanceof Error ? error.message : String(error);
  const own = isFlowError(error) || exitCode(error) !== 1;
  stream.write(`${paint('red', own ? oneLine(text) : `[cli] Unexpected error: ${oneLine(text)}`, stream)}\n`);
  if (!own && error instanceof Error && error.stack !== undefined) {
    stream.write(`${error.stack.split('\n').filter((line) => line.startsWith('    at ')).join('\n')}\n`);
  }
};

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
