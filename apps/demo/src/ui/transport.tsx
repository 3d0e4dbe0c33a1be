import type { JSX } from 'preact';
import type { Run, Session } from '../state/session-types.ts';
import { Icon } from './icon.tsx';
import { setSlow } from './slow.ts';
import { grouped, LETTERS, rate } from './words.ts';

/** Buttons to play, pause, step and reset, and the progress of training. */
export const Transport = ({ session }: { readonly session: Session }): JSX.Element => (
  <section class="transport" aria-label="Training">
    <div class="row buttons">
      <PlayButton session={session} />
      <button type="button" onClick={() => void session.step()} title="One training step (S)">
        <Icon name="step" />
        Step
      </button>
      <SlowButton session={session} />
      <button type="button" onClick={() => void session.reset()} title="Fresh weights under the same seed (R)">
        <Icon name="reset" />
        Reset
      </button>
      <UndoButton session={session} />
    </div>
    <Readout session={session} />
  </section>
);

const PlayButton = ({ session }: { readonly session: Session }): JSX.Element => {
  const playing = session.playing.value;
  return (
    <button
      type="button"
      class="primary play"
      onClick={() => void (playing ? session.pause() : session.play())}
      title={`${playing ? 'Pause' : 'Train'} (space)`}
    >
      <Icon name={playing ? 'pause' : 'play'} />
      {playing ? 'Pause' : 'Play'}
    </button>
  );
};

const SlowButton = ({ session }: { readonly session: Session }): JSX.Element => {
  const slow = session.pauseMs.value > 0;
  return (
    <button
      type="button"
      aria-pressed={slow}
      onClick={() => setSlow(session, !slow)}
      title="Slow motion: a pause after every step (M)"
    >
      <Icon name="slow" />
      Slow
    </button>
  );
};

const UndoButton = ({ session }: { readonly session: Session }): JSX.Element => (
  <button
    type="button"
    disabled={!session.canUndo.value}
    onClick={() => void session.undo()}
    title="Restores the state before the last reset or change (U)"
  >
    <Icon name="undo" />
    Undo
  </button>
);

const Readout = ({ session }: { readonly session: Session }): JSX.Element => {
  const runs = session.runs.value;
  return (
    <div class="readout">
      {runs.map((run) => (
        <RunReadout key={run.slot} run={run} letter={runs.length > 1 ? LETTERS[run.slot] : undefined} />
      ))}
    </div>
  );
};

const RunReadout = ({ run, letter }: { readonly run: Run; readonly letter: string | undefined }): JSX.Element => {
  const perSecond = run.status.value === 'running' ? run.stepsPerSecond.value : 0;
  return (
    <div class="run-readout" data-slot={run.slot}>
      {letter === undefined ? null : <span class="letter">{letter}</span>}
      <dl>
        <div>
          <dt>step</dt>
          <dd class="step">{grouped(run.step.value)}</dd>
        </div>
        <div>
          <dt>steps/s</dt>
          <dd>{perSecond > 0 ? rate(perSecond) : '–'}</dd>
        </div>
      </dl>
    </div>
  );
};
