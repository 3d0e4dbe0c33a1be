import type { JSX } from 'preact';
import type { Run, Session } from '../state/session-types.ts';
import { Icon } from './icon.tsx';
import { setSlow } from './slow.ts';
import { grouped, rate } from './words.ts';

/** Buttons to play, pause, step and reset. */
export const Transport = ({ session }: { readonly session: Session }): JSX.Element => (
  <section class="transport" aria-label="Training">
    <div class="row buttons">
      <PlayButton session={session} />
      <button type="button" onClick={() => void session.step()} title="One training step (S)">
        <Icon name="step" />
        <span>Step</span>
      </button>
      <SlowButton session={session} />
      <button type="button" onClick={() => void session.reset()} title="Fresh weights under the same seed (R)">
        <Icon name="reset" />
        <span>Reset</span>
      </button>
      <UndoButton session={session} />
    </div>
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
      <span>Slow</span>
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
    <span>Undo</span>
  </button>
);

/** The progress of one model. */
export const Readout = ({ run }: { readonly run: Run }): JSX.Element => {
  const perSecond = run.status.value === 'running' ? run.stepsPerSecond.value : 0;
  return (
    <dl class="readout">
      <div>
        <dt>step</dt>
        <dd class="step">{grouped(run.step.value)}</dd>
      </div>
      <div>
        <dt>steps/s</dt>
        <dd>{perSecond > 0 ? rate(perSecond) : '–'}</dd>
      </div>
    </dl>
  );
};
