/** Names of the workers that a page starts. The name selects the job of the worker. */
export const FIT = 'impflow fit';
export const STEP = 'impflow step';
