import type { JSX } from 'preact';
import type { Session } from '../state/session-types.ts';
import { DOT_COLORS } from './draw-dots.ts';
import { coloringOf } from './point-colors.ts';

/** Legend of the dots in a picture. */
export const DotLegend = ({
  session,
  inData,
}: {
  readonly session: Session;
  /** Whether the picture is in data space. Samples are shown only in data space. */
  readonly inData: boolean;
}): JSX.Element | null => {
  const { showData } = session.view.value;
  const showSamples = inData && session.view.value.showSamples;
  if (!showData && !showSamples) return null;
  return (
    <span class="dot-legend">
      {showData && <DataLegend session={session} />}
      {showSamples && (
        <span>
          <Dot shape="cross" /> samples of the model
        </span>
      )}
    </span>
  );
};

const DataLegend = ({ session }: { readonly session: Session }): JSX.Element => {
  const colors = session.data.value?.colors;
  if (colors === undefined)
    return (
      <span>
        <Dot shape="disc" /> data
      </span>
    );
  return (
    <span>
      data by {colors.name}:{' '}
      {coloringOf(colors).legend.map(({ color, label }) => (
        <span key={color} class="dot-color">
          <Dot shape="disc" color={color} /> {label}{' '}
        </span>
      ))}
    </span>
  );
};

const Dot = ({
  shape,
  color = DOT_COLORS.data,
}: {
  readonly shape: 'disc' | 'cross';
  readonly color?: string;
}): JSX.Element => (
  <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
    {shape === 'disc' ? (
      <circle r="4" fill={color} stroke={DOT_COLORS.rim} stroke-width="1.6" />
    ) : (
      [
        ['4.6', DOT_COLORS.rim],
        ['2.2', DOT_COLORS.samples],
      ].map(([width, color]) => (
        <path d="M-3.5-3.5 3.5 3.5M-3.5 3.5 3.5-3.5" stroke={color} stroke-width={width} stroke-linecap="square" />
      ))
    )}
  </svg>
);
