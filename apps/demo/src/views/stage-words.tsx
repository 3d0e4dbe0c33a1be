import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import type { Run, Session } from '../state/session-types.ts';
import { pathInWords, placeInWords } from './describe.ts';
import { valueAt } from './frame.ts';

/** Position of the mouse pointer in the plane, or position of the cross-hair that the arrow keys move. */
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
 * Shows the coordinates and the value under the pointer or the cross-hair. Screen readers read this text aloud only
 * when the keyboard moves the cross-hair, and not when training changes the value.
 */
export const Pointed = ({ session, run, state: { cursor, inData } }: PointedProps): JSX.Element => {
  const text = useSignal('');
  useSignalEffect(() => {
    const pointed = cursor.value;
    if (pointed === undefined) {
      text.value = inData.value
        ? 'Point at the picture to read its values. Click to follow a point through the blocks.'
        : 'Points can be chosen only in the data: move the slider to the data.';
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

/** Describes the path of the chosen point through the blocks. A button removes the point. */
export const Followed = ({ session, run, clear }: Props & { readonly clear: () => void }): JSX.Element | null => {
  const { point } = session.view.value;
  if (point === undefined) return null;
  const path = run.path.value;
  return (
    <div class="stage-path">
      <p>{path === undefined ? 'The path of this point is being computed.' : pathInWords(path)}</p>
      <button type="button" onClick={clear}>
        Let the point go
      </button>
    </div>
  );
};
