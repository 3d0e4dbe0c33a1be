/** What kind of thing went wrong, stable across versions: match on this, not on the message. */
export type ErrorCode = 'shape' | 'option' | 'input' | 'convergence' | 'unsupported' | 'registry' | 'checkpoint' | 'worker';

export interface ErrorDetail {
  readonly expected?: string;
  readonly got?: string;
  /** What the reader should do next: one imperative sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class of the workspace: `[package/function] What: expected X, got Y. What to do.` */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly code: ErrorCode;
  /** `package/function`. */
  readonly at: string;

  constructor(code: ErrorCode, at: string, what: string, { expected, got, hint, cause }: ErrorDetail = {}) {
    const contrast = [expected === undefined ? '' : `expected ${expected}`, got === undefined ? '' : `got ${got}`].filter(Boolean).join(', ');
    super(`[${at}] ${what}${contrast === '' ? '' : `: ${contrast}`}.${hint === undefined ? '' : ` ${hint}`}`, { cause });
    this.code = code;
    this.at = at;
  }
}

/** True for a {@link FlowError} of any copy of this package, optionally of one code. */
export const isFlowError = (error: unknown, code?: ErrorCode): error is FlowError =>
  error instanceof Error && error.name === 'FlowError' && (code === undefined || (error as FlowError).code === code);
