import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { oklch } from '../colors.ts';
import type { ModelKind } from '../config.ts';
import type { Run, Session } from '../state/session-types.ts';
import { Chart, drawLevel, type Curve } from './chart.tsx';
import { amend, identityOf, useOnScreen } from './hooks.ts';
import { solveData, solvesInWords } from './solve-data.ts';
import { Swatch } from './swatch.tsx';
import { useTheme } from './theme.ts';

/**
 * A chart of the residuals against the solver step, for each block of each model. The residuals are computed only while
 * the chart is on screen.
 */
export const SolveChart = ({ session }: { readonly session: Session }): JSX.Element => {
  const box = useOnScreen((solves) => amend(session.view, { solves }));
  const runs = session.runs.value;
  return (
    <div class="solve-chart" ref={box}>
      {runs.map((run) => (
        <Solves
          key={identityOf(run)}
          run={run}
          kind={session.config.value.models[run.slot]?.kind ?? 'implicit'}
          name={runs.length > 1 ? `Model ${'AB'[run.slot]}` : undefined}
        />
      ))}
    </div>
  );
};

interface SolvesProps {
  readonly run: Run;
  readonly kind: ModelKind;
  readonly name: string | undefined;
}

const Solves = ({ run, kind, name }: SolvesProps): JSX.Element => {
  const theme = useTheme();
  const data = useComputed(() => solveData(run.solves.value));
  const curves = run.solves.value;
  const title = name === undefined ? null : <h3>{name}</h3>;
  if (curves.length === 0)
    return (
      <div>
        {title}
        <p>{NOTHING[kind]}</p>
      </div>
    );
  const colors = (dark: boolean): readonly string[] => curves.map((_, block) => blockColor(block, curves.length, dark));
  const lines = curves.flatMap((_, block): readonly Curve[] => {
    const color = ({ dark }: { readonly dark: boolean }): string => blockColor(block, curves.length, dark);
    return [
      { color, width: 2.4 },
      { color, width: 1, dash: [3, 3] },
    ];
  });
  return (
    <div>
      {title}
      <Chart
        key={`${run.slot} ${curves.length}`}
        data={data}
        curves={lines}
        names={['solver step', 'residual']}
        logarithmic
        height={240}
        label={() => solvesInWords(run.solves.peek())}
        extra={(u, { inkSoft, paper }) => {
          const largest = Math.max(...run.solves.peek().map(({ tolerance = 0 }) => tolerance));
          if (largest > 0) drawLevel(u, largest, 'largest tolerance', inkSoft, paper);
        }}
      />
      <ul class="curve-names">
        {curves.map(({ label }, block) => (
          <li key={block}>
            <Swatch color={colors(theme.value.dark)[block]!} /> {label}
          </li>
        ))}
      </ul>
      <p>
        How far each block is from its solution after each step of its solver: the median point in bold, the worst in
        dashes. A row far from the middle has a larger tolerance: the line shows the largest. {solvesInWords(curves)}
      </p>
    </div>
  );
};

const NOTHING: Readonly<Record<ModelKind, string>> = {
  implicit:
    'Each block of an implicit model solves an equation for its output. The residuals after each solver step appear here.',
  monotone: 'Each block of a monotone model solves an equation. The residuals after each solver step appear here.',
  residual:
    'A residual model solves no equation from data to base: there are no residuals. ' +
    'It solves equations from base to data, to draw samples.',
  coupling: 'A coupling model has formulas for both directions: there is nothing to solve.',
};

/** Returns the color of a block, from blue over red to yellow, with a lightness that suits the theme. */
const blockColor = (block: number, blocks: number, dark: boolean): string => {
  const t = blocks === 1 ? 0 : block / (blocks - 1);
  return `rgb(${oklch((dark ? 0.66 : 0.42) + 0.2 * t, 0.15, 255 + 180 * t).join(' ')})`;
};
