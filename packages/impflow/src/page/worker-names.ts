/** Names of the workers that a page starts. The name of a worker selects what it does. */
export const FIT = 'impflow fit';
export const STEP = 'impflow step';
