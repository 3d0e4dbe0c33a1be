import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import type { Run, Session } from '../state/session-types.ts';
import { pathInWords, placeInWords } from './describe.ts';
import { valueAt } from './frame.ts';

/** Position of the pointer or of the keyboard's cross-hair in the plane. */
export interface Cursor {
  readonly at: readonly [number, number];
  readonly by: 'pointer' | 'keys';
}

interface Props {
  readonly session: Session;
  readonly run: Run;
}

interface PointedProps extends Props {
  readonly state: {
    readonly cursor: { readonly value: Cursor | undefined };
    readonly inData: { readonly value: boolean };
  };
}

/**
 * Coordinates and value under the pointer or the cross-hair. Screen readers read them aloud only when the keyboard
 * moves the cross-hair, and not when training changes the value.
 */
export const Pointed = ({ session, run, state: { cursor, inData } }: PointedProps): JSX.Element => {
  const text = useSignal('');
  useSignalEffect(() => {
    const pointed = cursor.value;
    if (pointed === undefined) {
      text.value = inData.value
        ? 'Point at the picture to read it; click to follow a point.'
        : 'Points are chosen in the data: move the slider there.';
      return;
    }
    const map = pointed.by === 'keys' ? run.map.peek() : run.map.value;
    const seen = map !== undefined && map.quantity === session.view.value.stage ? map : undefined;
    const columns = inData.value
      ? (session.data.value?.columns ?? (['x', 'y'] as const))
      : (['first', 'second'] as const);
    text.value = placeInWords(
      pointed.at,
      columns,
      seen === undefined ? undefined : { quantity: seen.quantity, number: valueAt(seen, pointed.at) },
    );
  });
  return (
    <output class="stage-pointed" aria-live={cursor.value?.by === 'keys' ? 'polite' : 'off'}>
      {text}
    </output>
  );
};

/** Description of the path of the chosen point, with a button that removes the point. */
export const Followed = ({ session, run, clear }: Props & { readonly clear: () => void }): JSX.Element | null => {
  const { point } = session.view.value;
  if (point === undefined) return null;
  const path = run.path.value;
  return (
    <div class="stage-path">
      <p>{path === undefined ? 'The way of this point is being computed.' : pathInWords(path)}</p>
      <button type="button" onClick={clear}>
        Let the point go
      </button>
    </div>
  );
};
