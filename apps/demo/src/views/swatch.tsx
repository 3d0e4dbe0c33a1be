import type { JSX } from 'preact';

/** A short sample of a curve's line, which is shown next to the name of the curve. */
export const Swatch = ({
  curve,
  dashed = false,
  color,
}: {
  readonly curve?: number;
  readonly dashed?: boolean;
  readonly color?: string;
}): JSX.Element => (
  <svg class="swatch" width="22" height="10" viewBox="0 0 22 10" aria-hidden="true">
    <line
      x1="0"
      x2="22"
      y1="5"
      y2="5"
      stroke={color ?? `var(--curve-${(curve ?? 0) + 1})`}
      stroke-width="2.5"
      {...(dashed ? { 'stroke-dasharray': '6 4' } : {})}
    />
  </svg>
);
