/** Names of the workers that a page starts. The name of a worker selects the function that the worker runs. */
export const FIT = 'impflow fit';
export const STEP = 'impflow step';
