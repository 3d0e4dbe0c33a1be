import { FlowError } from '@impflow/core';
import { CommanderError } from 'commander';
import { exitCode, asKnownError, printError } from '../terminal/errors.ts';
import { interruptions } from './interruptions.ts';
import { program } from './program.ts';

/** Options of {@link main}. */
export interface MainOptions {
  /**
   * Receives the error that ends the command, after the error was printed. A `FlowError` has a code. Default: the error
   * is only printed.
   */
  readonly onError?: (error: Error & { readonly code?: string }) => void;
}

/**
 * Runs the command line and returns the exit code: 0 success, 2 wrong input or options, 1 any other error, 130
 * interruption (the work is saved). A second interruption ends the process: see {@link interruptions}.
 */
export const main = async (args: readonly string[], { onError }: MainOptions = {}): Promise<number> => {
  const { start, stop } = interruptions();
  let code = 0;
  try {
    await program({
      interruptible: start,
      done: (result) => {
        code = result;
      },
    }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    const known = error instanceof CommanderError ? asFlowError(error) : asKnownError(error);
    if (known !== undefined) {
      printError(known);
      onError?.(known instanceof Error ? known : new Error(String(known)));
    }
    return exitCode(known ?? error);
  } finally {
    stop();
  }
};

/**
 * Converts an error of the package Commander to a `FlowError`. Returns undefined for the output of the help and of the
 * version, for which Commander also throws errors.
 */
const asFlowError = ({ exitCode: own, message, code }: CommanderError): FlowError | undefined => {
  if (own === 0 || code === 'commander.help') return undefined;
  const [what, hint] = message.replace(/^error: /, '').split('\n');
  return new FlowError('option', 'cli', what!.charAt(0).toUpperCase() + what!.slice(1).replace(/\.$/, ''), {
    hint: hint === undefined || hint === '' ? 'See --help.' : hint.replace(/^\(|\)$/g, ''),
  });
};
