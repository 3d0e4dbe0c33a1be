import type { JSX } from 'preact';

/** A sample of a curve, next to its name. */
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
