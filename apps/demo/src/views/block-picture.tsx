import type { JSX } from 'preact';
import { fixed } from '../axes.ts';
import type { BlockView } from '../protocol/viewer.ts';

/**
 * A diagram of the parts of a block and of the connections between them. A list below the diagram describes the parts;
 * the numbers of the parts refer to this list. `now` is the index of the part that slow motion currently highlights.
 * The first part has index 0.
 */
export const BlockPicture = ({
  view,
  now,
}: {
  readonly view: BlockView;
  readonly now: number | undefined;
}): JSX.Element =>
  view.kind === 'implicit' && view.gz !== undefined ? (
    <svg class="block-picture" viewBox="0 0 340 122" aria-hidden="true">
      <Heads />
      <Arrow d="M34 70H104" />
      <Arrow d="M20 56V26H34" />
      <Arrow d="M98 26H116V58" />
      <Arrow d="M306 70H236" />
      <Arrow d="M320 56V26H306" />
      <Arrow d="M242 26H224V58" />
      <path class="joined" d="M128 70H146M194 70H212" />
      <Arrow d="M170 86V112H320V86" dashed />
      <text class="small" x="245" y="106">
        adjusts z until both agree
      </text>
      <Point at={[20, 70]} letter="x" on={now === 0} />
      <Net at={[66, 26]} letter="x" slope={view.gx.slope} on={now === 1} />
      <Sum at={[116, 70]} on={now === 2} />
      <Solver steps={Math.max(0, (view.residuals?.length ?? 1) - 1)} on={now === 3} />
      <Sum at={[224, 70]} on={now === 3} />
      <Net at={[274, 26]} letter="z" slope={view.gz.slope} on={now === 4} />
      <Point at={[320, 70]} letter="z" on={now === 5} />
    </svg>
  ) : view.kind === 'monotone' ? (
    <svg class="block-picture" viewBox="0 0 340 96" aria-hidden="true">
      <Heads />
      <Arrow d="M54 70H144" />
      <path class="joined" d="M170 46V52" />
      <Arrow d="M194 70H284" />
      <Point at={[40, 70]} letter="x" on={now === 0} />
      <Solver steps={Math.max(0, (view.residuals?.length ?? 1) - 1)} on={now === 1} />
      <Net at={[170, 26]} letter="" slope={view.gx.slope} on={now === 2} />
      <Point at={[300, 70]} letter="z" on={now === 3} />
    </svg>
  ) : (
    <svg class="block-picture" viewBox="0 0 340 96" aria-hidden="true">
      <Heads />
      <Arrow d="M94 70H188" />
      <Arrow d="M80 56V26H104" />
      <Arrow d="M168 26H200V58" />
      <Arrow d="M212 70H246" />
      <Point at={[80, 70]} letter="x" on={now === 0} />
      <Net at={[136, 26]} letter="" slope={view.gx.slope} on={now === 1} />
      <Sum at={[200, 70]} on={now === 2} />
      <Point at={[260, 70]} letter="z" on={now === 2} />
    </svg>
  );

type Place = readonly [x: number, y: number];

const Arrow = ({ d, dashed = false }: { readonly d: string; readonly dashed?: boolean }): JSX.Element => (
  <path class={dashed ? 'way dashed' : 'way'} d={d} marker-end="url(#block-arrow)" />
);

/** SVG definition of the arrowhead. */
const Heads = (): JSX.Element => (
  <defs>
    <marker id="block-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
      <path class="head" d="M0 0L8 4L0 8Z" />
    </marker>
  </defs>
);

interface PartProps {
  readonly at: Place;
  readonly on: boolean;
}

const Point = ({ at: [x, y], letter, on }: PartProps & { readonly letter: string }): JSX.Element => (
  <g class="point" data-now={on}>
    <circle cx={x} cy={y} r="14" />
    <text class="symbol" x={x} y={y + 5}>
      {letter}
    </text>
  </g>
);

const Sum = ({ at: [x, y], on }: PartProps): JSX.Element => (
  <g class="point" data-now={on}>
    <circle cx={x} cy={y} r="11" />
    <path d={`M${x - 5} ${y}H${x + 5}M${x} ${y - 5}V${y + 5}`} />
  </g>
);

/** A box that represents a neural network, with the slope of the network at the point. */
const Net = ({
  at: [x, y],
  letter,
  slope,
  on,
}: PartProps & { readonly letter: string; readonly slope: number }): JSX.Element => (
  <g class="net" data-now={on}>
    <rect x={x - 32} y={y - 20} width="64" height="40" rx="5" />
    <text class="symbol" x={x} y={y - 3}>
      g
      {letter === '' ? null : (
        <tspan class="sub" dy="3">
          {letter}
        </tspan>
      )}
    </text>
    <text class="small" x={x} y={y + 13}>
      slope {fixed(slope, 2)}
    </text>
  </g>
);

const Solver = ({ steps, on }: { readonly steps: number; readonly on: boolean }): JSX.Element => (
  <g class="solver" data-now={on}>
    <rect x="146" y="52" width="48" height="34" rx="5" />
    <text class="symbol" x="170" y="68">
      =
    </text>
    <text class="small" x="170" y="81">
      {steps} {steps === 1 ? 'step' : 'steps'}
    </text>
  </g>
);
