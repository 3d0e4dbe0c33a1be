import type { Race } from '../config.ts';

/** Labels and hints of the options that determine how the training of two models is scheduled. */
export const RACE_WORDS: Readonly<Record<Race, { readonly label: string; readonly hint: string }>> = {
  free: { label: 'Free', hint: 'Both train as fast as they can; the quicker one makes more steps.' },
  steps: { label: 'Equal steps', hint: 'In lockstep: both have learned from the same points.' },
  seconds: { label: 'Equal seconds', hint: 'In turns: both have computed for the same time, whatever a step costs.' },
};
