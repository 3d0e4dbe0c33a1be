/** Names of the workers that a page starts: what a worker does. */
export const FIT = 'impflow fit';
export const STEP = 'impflow step';
