import type { JSX } from 'preact';
import type { Race } from '../config.ts';
import { KIND_WORDS } from '../labels.ts';
import type { Run, Session } from '../state/session-types.ts';
import { fixed } from '../views/axes.ts';
import { leadInWords } from './race-lead.ts';
import { studyInWords } from './study.ts';
import { grouped } from './words.ts';

/** Labels and hints of the options that determine how the training of two models is scheduled. */
export const RACE_WORDS: Readonly<Record<Race, { readonly label: string; readonly hint: string }>> = {
  free: { label: 'Free', hint: 'Both train as fast as they can; the quicker one makes more steps.' },
  steps: { label: 'Equal steps', hint: 'In lockstep: both have learned from the same points.' },
  seconds: { label: 'Equal seconds', hint: 'In turns: both have computed for the same time, whatever a step costs.' },
};

/**
 * Shows which of two models has the lower held-out loss, and the number of steps and the computing time of both models.
 */
export const RaceScore = ({ session }: { readonly session: Session }): JSX.Element | null => {
  const [a, b] = session.runs.value;
  const { data, race, models } = session.config.value;
  if (a === undefined || b === undefined) return null;
  const numbers = (run: Run, letter: string): string =>
    `${letter} (${KIND_WORDS[models[run.slot]?.kind ?? 'implicit'].label.toLowerCase()}): ` +
    `${grouped(run.step.value)} steps in ${fixed(run.seconds.value, 1)} s of computing`;
  return (
    <p class="race-score">
      <strong>{leadInWords(a, b)}</strong> {numbers(a, 'A')}; {numbers(b, 'B')}. {RACE_WORDS[race].hint}{' '}
      <span class="hint">{studyInWords(data.name)}</span>
    </p>
  );
};
