/**
 * Kind of an error, stable across versions. Match on the code, not on the message. `plugin`: a method of a plugin threw
 * an error that is not a {@link FlowError}, or reported a wrong result as correct.
 */
export type ErrorCode =
  | 'shape'
  | 'option'
  | 'input'
  | 'convergence'
  | 'unsupported'
  | 'registry'
  | 'checkpoint'
  | 'worker'
  | 'plugin';

/** Parts of an error message besides its first sentence. */
export interface ErrorDetail {
  /** Value or form that the function expects. Default: not mentioned. */
  readonly expected?: string;
  /** Value that the function got. Default: not mentioned. */
  readonly got?: string;
  /** What the reader should do next: one imperative sentence. Default: none. */
  readonly hint?: string;
  /** Error that caused this error. Default: none. */
  readonly cause?: unknown;
}

/**
 * The error class of the workspace. Messages have the form `[package/function] What: expected X, got Y. What to do.`
 */
export class FlowError extends Error {
  /** Name of the class, by which {@link isFlowError} recognizes errors of other copies of this package. */
  override readonly name = 'FlowError';
  /** Kind of the error. */
  readonly code: ErrorCode;
  /** Source of the error, `package/function`. */
  readonly at: string;
  /** What is wrong, without a full stop. */
  readonly what: string;
  /** Value or form that the function expects, if the message mentions it. */
  readonly expected?: string;
  /** Value that the function got, if the message mentions it. */
  readonly got?: string;
  /** What the reader should do next, if the message contains it. */
  readonly hint?: string;

  /** `what` describes the error, without a full stop. */
  constructor(code: ErrorCode, at: string, what: string, { expected, got, hint, cause }: ErrorDetail = {}) {
    super(`[${at}] ${problem(what, expected, got)}.${hint === undefined ? '' : ` ${hint}`}`, { cause });
    this.code = code;
    this.at = at;
    this.what = what;
    if (expected !== undefined) this.expected = expected;
    if (got !== undefined) this.got = got;
    if (hint !== undefined) this.hint = hint;
  }
}

const problem = (what: string, expected: string | undefined, got: string | undefined): string => {
  const contrast = [expected === undefined ? '' : `expected ${expected}`, got === undefined ? '' : `got ${got}`].filter(
    Boolean,
  );
  return contrast.length === 0 ? what : `${what}: ${contrast.join(', ')}`;
};

/**
 * Returns the problem that an error reports, for use in another message. For a {@link FlowError} the result is
 * `What: expected X, got Y`, without the source, the hint and the full stop; for an error of another class, its message
 * without the full stop.
 */
export const problemOf = (error: unknown): string => {
  if (isFlowError(error)) return problem(error.what, error.expected, error.got);
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
};

/**
 * Returns whether `error` is a {@link FlowError} of this package or of another copy of this package. If `code` is
 * given, the error must also have that code.
 */
export const isFlowError = (error: unknown, code?: ErrorCode): error is FlowError =>
  error instanceof Error && error.name === 'FlowError' && (code === undefined || (error as FlowError).code === code);
