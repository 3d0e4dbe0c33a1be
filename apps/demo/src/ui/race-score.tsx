import type { JSX } from 'preact';
import { fixed } from '../axes.ts';
import { KIND_WORDS } from '../labels.ts';
import type { Run, Session } from '../state/session-types.ts';
import { standingOf } from '../state/standing.ts';
import { expectedOf } from '../study.ts';
import { leadInWords } from './race-lead.ts';
import { RACE_WORDS } from './race.ts';
import { grouped } from './words.ts';

/**
 * Shows what the study lets a visitor expect of a race, which of the two models has the lower loss on new points, and
 * the number of steps and the computing time of both models.
 */
export const RaceScore = ({ session }: { readonly session: Session }): JSX.Element | null => {
  const [a, b] = session.runs.value;
  const { data, race, models } = session.config.value;
  if (a === undefined || b === undefined) return null;
  const expected = expectedOf(
    data.name,
    models.map(({ kind }) => kind),
    race,
  );
  const standing = standingOf([a, b]);
  const numbers = (run: Run, letter: string): string =>
    `${letter} (${KIND_WORDS[models[run.slot]?.kind ?? 'implicit'].label.toLowerCase()}): ` +
    `${grouped(run.step.value)} steps in ${fixed(run.seconds.value, 1)} s of computing`;
  return (
    <div class="race-score">
      {expected === undefined ? null : (
        <p class="hint">
          <b>What to expect:</b> {expected.words}
        </p>
      )}
      {standing === undefined || (a.step.value === 0 && b.step.value === 0) ? (
        <p>
          <strong>Neither model has learned anything yet.</strong> {RACE_WORDS[race].hint}
        </p>
      ) : (
        <p>
          <strong>{leadInWords(standing)}</strong> {numbers(a, 'A')}; {numbers(b, 'B')}. {RACE_WORDS[race].hint}
        </p>
      )}
    </div>
  );
};
