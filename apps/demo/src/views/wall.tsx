import { useComputed, useSignal, useSignalEffect, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { count, format } from '../axes.ts';
import { Chart, drawLevel, type Curve } from './chart.tsx';
import { useOnScreen } from './hooks.ts';
import type { Theme } from './theme.ts';
import { curveData, errorData } from './wall-charts.ts';
import { wallFits, type WallFits, type WallHandle } from './wall-fits.ts';
import { outlookOf } from './wall-reach.ts';
import { curvesInWords, errorsInWords, resultInWords, wallInWords } from './wall-words.ts';
import '../styles/wall.css';

export type { WallHandle } from './wall-fits.ts';

/**
 * The experiment in which one residual and one implicit block are fitted to a function that is too steep for the
 * residual block. The visitor first predicts what the residual block can do. Only then does the fit start, and the page
 * shows the curves of both blocks, controls for the function, and an explanation of why the two curves differ.
 */
export const Wall = ({ open }: { readonly open: () => Promise<WallHandle> }): JSX.Element => {
  const fits = useMemo(() => wallFits(open), []);
  const guess = useSignal<Guess | undefined>(undefined);
  const visible = useSignal(false);
  const box = useOnScreen((seen) => {
    visible.value = seen;
  });
  useSignalEffect(() => {
    if (guess.value !== undefined) fits.seen(visible.value);
  });
  useEffect(() => fits.end, []);
  return (
    <section class="wall" ref={box} aria-label="Where a residual block hits the wall">
      <div class="wall-side">
        {guess.value === undefined ? <Predict guess={guess} /> : <Findings fits={fits} guess={guess.value} />}
      </div>
      <Curves fits={fits} guessed={guess.value !== undefined} />
    </section>
  );
};

type Guess = 'can' | 'cannot';

/** The question before the experiment. The answer starts the fit. */
const Predict = ({ guess }: { readonly guess: Signal<Guess | undefined> }): JSX.Element => (
  <>
    <h3>Can one residual block copy this curve?</h3>
    <p>
      It makes <i>z</i> = <i>x</i> + <i>g</i>(<i>x</i>). The push <i>g</i> is learned, and its slopes are kept between
      −1 and 1. Then the block can be undone, also in a plane or in a table of many columns.
    </p>
    <div class="row">
      {(['can', 'cannot'] as const).map((answer) => (
        <button
          key={answer}
          type="button"
          class="primary"
          onClick={() => {
            guess.value = answer;
          }}
        >
          It {answer}
        </button>
      ))}
    </div>
  </>
);

const Findings = ({ fits, guess }: { readonly fits: WallFits; readonly guess: Guess }): JSX.Element => (
  <>
    <Result fits={fits} guess={guess} />
    <Slider
      label="Largest slope"
      unit="per unit of x"
      value={fits.request.value.slope}
      least={1}
      most={20}
      step={0.5}
      change={(value) => fits.change({ slope: value })}
    />
    <p>{wallInWords(fits.request.value)}</p>
    <details class="wall-more">
      <summary>Numbers and more settings</summary>
      <Numbers fits={fits} />
      <Choices fits={fits} />
    </details>
  </>
);

const Choices = ({ fits }: { readonly fits: WallFits }): JSX.Element => {
  const { width, coeff } = fits.request.value;
  return (
    <div class="wall-choices">
      <Slider
        label="Width of the steep part"
        unit="units of x"
        value={width}
        least={0.05}
        most={0.5}
        step={0.05}
        change={(value) => fits.change({ width: value })}
      />
      <Slider
        label="Slope allowed per layer"
        unit="(Lipschitz coefficient)"
        value={coeff}
        least={0.5}
        most={0.99}
        step={0.01}
        change={(value) => fits.change({ coeff: value })}
      />
      <button type="button" onClick={fits.again}>
        Fit again
      </button>
    </div>
  );
};

interface SliderProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly change: (value: number) => void;
}

const Slider = ({ label, unit, value, least, most, step, change }: SliderProps): JSX.Element => {
  const id = useId();
  return (
    <div class="wall-slider">
      <label for={id}>{label}</label>
      <output for={id}>
        {value} <span>{unit}</span>
      </output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={`${value} ${unit}`}
        onInput={(event) => change(Number(event.currentTarget.value))}
      />
    </div>
  );
};

// The curves differ in shape and in color. The function is drawn as two parallel lines. The curve of a block that fits
// the function runs between these lines. The curve of the residual block is dashed, the curve of the implicit block is
// solid.
const TUBE: Curve = { color: ({ curves }) => curves[2], width: 10 };
const INSIDE: Curve = { color: ({ paper }) => paper, width: 6 };
const RESIDUAL: Curve = { color: ({ curves }) => curves[1], width: 2.5, dash: [8, 5] };
const IMPLICIT: Curve = { color: ({ curves }) => curves[0], width: 2.5 };

const Curves = ({ fits, guessed }: { readonly fits: WallFits; readonly guessed: boolean }): JSX.Element => {
  const [short] = useState(() => matchMedia('(max-width: 899px)').matches);
  const { request, curve } = fits;
  const curves = useComputed(() => curveData(request.value, curve.value));
  const errors = useComputed(() => errorData(request.value, curve.value));
  const levels = (u: uPlot, { inkSoft, paper }: Theme): void => {
    const { bound } = outlookOf(request.peek()).residual;
    if (bound <= 0) return;
    drawLevel(u, bound, '', inkSoft, paper);
    drawLevel(u, -bound, 'the largest error of any residual block is at least this', inkSoft, paper);
  };
  return (
    <div class="wall-curves">
      <ul class="curve-names">
        <li>
          <Line
            strokes={[
              ['--curve-3', TUBE],
              ['--paper', INSIDE],
            ]}
          />{' '}
          the curve to learn
        </li>
        <li>
          <Line strokes={[['--curve-1', IMPLICIT]]} /> implicit block
        </li>
        <li>
          <Line strokes={[['--curve-2', RESIDUAL]]} /> residual block
        </li>
      </ul>
      <Chart
        key={String(guessed)}
        data={curves}
        curves={[TUBE, INSIDE, RESIDUAL, IMPLICIT]}
        names={['x', 'f(x)']}
        height={short ? 240 : guessed ? 330 : 440}
        label={() => curvesInWords(request.peek(), curve.peek())}
      />
      {guessed ? (
        <Chart
          data={errors}
          curves={[RESIDUAL, IMPLICIT]}
          names={['x', 'block − f(x)']}
          height={short ? 150 : 190}
          label={() => errorsInWords(request.peek(), curve.peek())}
          extra={levels}
        />
      ) : null}
    </div>
  );
};

/**
 * Style of a curve in the charts. A curve may have several strokes on top of one another, each in a color of the page's
 * theme.
 */
const Line = ({ strokes }: { readonly strokes: readonly (readonly [string, Curve])[] }): JSX.Element => (
  <svg class="swatch" width="30" height="12" viewBox="0 0 30 12" aria-hidden="true">
    {strokes.map(([color, { width, dash }]) => (
      <line
        key={color}
        x1="0"
        x2="30"
        y1="6"
        y2="6"
        stroke={`var(${color})`}
        stroke-width={width}
        {...(dash === undefined ? {} : { 'stroke-dasharray': dash.join(' ') })}
      />
    ))}
  </svg>
);

const Numbers = ({ fits }: { readonly fits: WallFits }): JSX.Element => {
  const outlook = outlookOf(fits.request.value);
  const curve = fits.curve.value;
  const row = (kind: 'implicit' | 'residual'): JSX.Element => {
    const {
      slopes: [least, most],
      bound,
    } = outlook[kind];
    return (
      <tr>
        <th scope="row">{kind}</th>
        <td>{curve === undefined ? '…' : count(curve.parameters[kind])}</td>
        <td>
          {format(least, 2)} to {format(most)}
        </td>
        <td>{bound === 0 ? '0' : format(bound)}</td>
        <td class="wall-error">{curve === undefined ? '…' : format(curve.largestError[kind])}</td>
      </tr>
    );
  };
  return (
    <table class="numbers">
      <caption class="visually-hidden">The implicit and the residual block in numbers</caption>
      <thead>
        <tr>
          <td>{curve === undefined ? '' : `step ${count(curve.step)}`}</td>
          <th scope="col">parameters</th>
          <th scope="col">possible slopes</th>
          <th scope="col">best possible</th>
          <th scope="col">largest error</th>
        </tr>
      </thead>
      <tbody>
        {row('implicit')}
        {row('residual')}
      </tbody>
    </table>
  );
};

/** Screen readers read the following text aloud when the visitor has guessed and when a fit ends. */
const Result = ({ fits, guess }: { readonly fits: WallFits; readonly guess: Guess }): JSX.Element => {
  const status = fits.status.value;
  const curve = fits.curve.peek();
  // The guess was about the first curve, which is too steep for a residual block.
  const verdict = guess === 'cannot' ? 'You are right: it cannot.' : 'You said it can, but it cannot.';
  return (
    <div class="wall-result" role="status">
      <p>{outlookOf(fits.request.value).residual.bound > 0 ? verdict : 'This curve is gentle enough.'}</p>
      <p>
        {status === 'failed'
          ? `${fits.problem.value} “Fit again” starts a new fit.`
          : status === 'done' && curve !== undefined
            ? resultInWords(curve)
            : 'Both blocks are learning …'}
      </p>
    </div>
  );
};
