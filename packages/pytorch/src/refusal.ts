import { FlowError, type ErrorDetail } from '@impflow/core';

/** Returns the error for a file that cannot be read. */
export const refusal = (what: string, detail: ErrorDetail = {}): FlowError =>
  new FlowError('checkpoint', 'pytorch/readPth', what, detail);

/**
 * Returns the first 100 characters of text from a file, in quotes. Controls, line separators and bidirectional marks
 * are escaped.
 */
export const quoted = (text: string): string =>
  JSON.stringify(text.slice(0, 100)).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const DAMAGED = 'The file is damaged: download or copy it again.';

/** Hint for values that only Python can convert to plain tensors. */
export const SAVE_AGAIN: string =
  'In Python, with its code at hand: torch.save(model.state_dict(), "new.pth"), or ' +
  'torch.save(torch.load("old.pth")["state_dict"], "new.pth"), or write safetensors.';
