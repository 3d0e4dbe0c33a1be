import type { JSX } from 'preact';
import type { Race } from '../config.ts';
import { KIND_WORDS } from '../labels.ts';
import type { Run, Session } from '../state/session-types.ts';
import { fixed } from '../views/axes.ts';
import { grouped } from './words.ts';

/** The ways to train two models side by side. */
export const RACE_WORDS: Readonly<Record<Race, { readonly label: string; readonly hint: string }>> = {
  free: { label: 'Free', hint: 'Both train as fast as they can; who is quicker makes more steps.' },
  steps: { label: 'Equal steps', hint: 'In lockstep: both have learned from the same points.' },
  seconds: { label: 'Equal seconds', hint: 'In turns: both have computed for as long, whatever a step costs.' },
};

/** Who is ahead, with the numbers of both. */
export const RaceScore = ({ session }: { readonly session: Session }): JSX.Element | null => {
  const [a, b] = session.runs.value;
  const { race, models } = session.config.value;
  if (a === undefined || b === undefined) return null;
  const numbers = (run: Run, letter: string): string =>
    `${letter} (${KIND_WORDS[models[run.slot]?.kind ?? 'implicit'].label.toLowerCase()}): ` +
    `${grouped(run.step.value)} steps in ${fixed(run.seconds.value, 1)} s of computing`;
  return (
    <p class="race-score">
      <strong>{leadInWords(a, b)}</strong> {numbers(a, 'A')}; {numbers(b, 'B')}. {RACE_WORDS[race].hint}{' '}
      <span class="hint">
        Measured at equal parameters and seconds, implicit blocks win where densities are sharp and blocks are few
        (eight thin blobs by 0.97 nats, earthquakes by 0.52, thin rings by 0.15); on smooth densities and on the
        checkerboard both are level, or the residual one is ahead.
      </span>
    </p>
  );
};

/** Who has the lower held-out loss, if the difference is larger than chance. */
export const leadInWords = (a: Pick<Run, 'history'>, b: Pick<Run, 'history'>): string => {
  const [lossA, lossB] = [a.history.value.heldOut.at(-1), b.history.value.heldOut.at(-1)];
  if (lossA === undefined || lossB === undefined) return 'The race begins with the first pictures.';
  const lead = Math.abs(lossA.nats - lossB.nats);
  // Both are judged on the same rows: the difference varies less than either loss.
  const chance = Math.max(lossA.standardError, lossB.standardError);
  if (!(lead > chance)) return `Level: the held-out losses differ by ${fixed(lead, 3)} nats, which is chance.`;
  return `${lossA.nats < lossB.nats ? 'A' : 'B'} is ahead by ${fixed(lead, 3)} nats of held-out loss.`;
};
