import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { STATION_NAMES, type StationName } from '../station-names.ts';
import { followPointer } from './light.ts';
import { SENTENCES } from './sentences.tsx';
import '../styles/tour.css';

export interface TourProps {
  readonly station: StationName;
  /** Goes to a station. Undefined ends the tour. */
  readonly go: (to: StationName | undefined) => void;
}

/** The card of the tour: the stations, the sentence of the current station, and the ways to the next. */
export const Tour = ({ station, go }: TourProps): JSX.Element => {
  const at = STATION_NAMES.indexOf(station);
  const { title, sentence } = SENTENCES[station];
  const before = STATION_NAMES[at - 1];
  const next = STATION_NAMES[at + 1];
  useEffect(followPointer, [station]);
  return (
    <section class="tour" aria-label="Tour">
      <ol class="tour-stations">
        {STATION_NAMES.map((name, i) => {
          const mark = name === 'questions' ? '?' : String(i + 1);
          return (
            <li key={name}>
              <button
                type="button"
                aria-label={`${mark} ${SENTENCES[name].title}`}
                title={SENTENCES[name].title}
                aria-current={name === station ? 'step' : undefined}
                onClick={() => go(name)}
              >
                {mark}
              </button>
            </li>
          );
        })}
      </ol>
      <div class="tour-words" aria-live="polite">
        <h2>{title}</h2>
        <p key={station}>{sentence}</p>
      </div>
      <div class="tour-ways">
        <button type="button" disabled={before === undefined} onClick={() => go(before ?? station)}>
          Back
        </button>
        <button type="button" class="primary" onClick={() => go(next)}>
          {next === undefined ? 'Done' : 'Next'}
        </button>
        <button type="button" class="quiet close" aria-label="End the tour" onClick={() => go(undefined)}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
    </section>
  );
};
