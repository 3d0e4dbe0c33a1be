/**
 * Kind of an error, stable across versions. Match on the code, not on the message. `plugin`: a method of a plugin threw an
 * error that is not of this workspace.
 */
export type ErrorCode = 'shape' | 'option' | 'input' | 'convergence' | 'unsupported' | 'registry' | 'checkpoint' | 'worker' | 'plugin';

/** Parts of an error message besides its first sentence. */
export interface ErrorDetail {
  /** Value or form that the function expects. Default: not mentioned. */
  readonly expected?: string;
  /** Value that it got. Default: not mentioned. */
  readonly got?: string;
  /** What the reader should do next: one imperative sentence. Default: none. */
  readonly hint?: string;
  /** Error that caused this one. Default: none. */
  readonly cause?: unknown;
}

/**
 * The error class of the workspace. Messages have the form `[package/function] What: expected X, got Y. What to do.`
 */
export class FlowError extends Error {
  /** Name of the class, for copies of this package in one program; see {@link isFlowError}. */
  override readonly name = 'FlowError';
  /** Kind of the error. */
  readonly code: ErrorCode;
  /** Source of the error, `package/function`. */
  readonly at: string;

  /** `what` says what is wrong, without a full stop. */
  constructor(code: ErrorCode, at: string, what: string, { expected, got, hint, cause }: ErrorDetail = {}) {
    const contrast = [expected === undefined ? '' : `expected ${expected}`, got === undefined ? '' : `got ${got}`].filter(Boolean).join(', ');
    super(`[${at}] ${what}${contrast === '' ? '' : `: ${contrast}`}.${hint === undefined ? '' : ` ${hint}`}`, { cause });
    this.code = code;
    this.at = at;
  }
}

/**
 * Whether `error` is a {@link FlowError}, also of another copy of this package. With `code`: whether it has that code.
 */
export const isFlowError = (error: unknown, code?: ErrorCode): error is FlowError =>
  error instanceof Error && error.name === 'FlowError' && (code === undefined || (error as FlowError).code === code);
