import type { JSX } from 'preact';
import type { Race } from '../config.ts';
import { KIND_WORDS } from '../labels.ts';
import { meanOf } from '../mean.ts';
import type { Run, Session } from '../state/session-types.ts';
import { fixed } from '../views/axes.ts';
import { studyInWords } from './study.ts';
import { grouped } from './words.ts';

/** The ways to train two models side by side. */
export const RACE_WORDS: Readonly<Record<Race, { readonly label: string; readonly hint: string }>> = {
  free: { label: 'Free', hint: 'Both train as fast as they can; the quicker one makes more steps.' },
  steps: { label: 'Equal steps', hint: 'In lockstep: both have learned from the same points.' },
  seconds: { label: 'Equal seconds', hint: 'In turns: both have computed for as long, whatever a step costs.' },
};

/** Which model is ahead, with the numbers of both. */
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

/** Which model has the lower held-out loss, if the difference is larger than chance: more than two standard errors. */
export const leadInWords = (a: Pick<Run, 'history'>, b: Pick<Run, 'history'>): string => {
  const [lossesA, lossesB] = [a, b].map(({ history }) => history.value.heldOut.at(-1)?.losses);
  if (lossesA === undefined || lossesB === undefined) return 'The race begins with the first pictures.';
  // Both are judged on the same rows, so the difference of each row counts. One of them may be judged on more rows.
  const rows = Math.min(lossesA.length, lossesB.length);
  const { nats, standardError } = meanOf(Float32Array.from({ length: rows }, (_, i) => lossesB[i]! - lossesA[i]!));
  const lead = `${fixed(Math.abs(nats), 3)} ± ${fixed(standardError, 3)} nats`;
  if (!(Math.abs(nats) > 2 * standardError))
    return `Level: their losses on new points differ by ${lead}, which may be chance.`;
  return `${nats > 0 ? 'A' : 'B'} is ahead: its loss on new points is lower by ${lead}.`;
};
