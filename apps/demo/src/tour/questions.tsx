import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** Returns the SVG path of a curve from −1 to 1. */
const curve = (f: (x: number) => number): string =>
  Array.from({ length: 61 }, (_, i) => {
    const x = i / 30 - 1;
    return `${i === 0 ? 'M' : 'L'}${x.toFixed(3)} ${(-f(x)).toFixed(3)}`;
  }).join('');

const rising = (slope: number) => (x: number) => 0.85 * Math.tanh((slope * x) / 0.85);

const CURVES = [
  { name: 'gentle', words: 'a gentle rise', path: curve(rising(1.4)) },
  { name: 'steep', words: 'a steep edge', path: curve(rising(10)) },
  { name: 'back', words: 'up and down again', path: curve((x) => 0.75 - 1.5 * x * x) },
] as const;
type CurveName = (typeof CURVES)[number]['name'];

interface Asked {
  readonly ask: string;
  readonly right: CurveName;
  /** Why each answer is right or wrong. */
  readonly why: Readonly<Record<CurveName, string>>;
}

const QUESTIONS: readonly Asked[] = [
  {
    ask: 'Which curve can one residual block learn?',
    right: 'gentle',
    why: {
      gentle:
        'Right. The push of a residual block is gentle, so it may stretch by less than 2, and this curve needs 1.4.',
      steep: 'No: this edge stretches 10 times, and a residual block stretches by less than 2. That was the wall.',
      back: 'No: two inputs get the same height here, so the move could not be undone. No block of a flow does that.',
    },
  },
  {
    ask: 'Which curve can one implicit block learn, and one residual block cannot?',
    right: 'steep',
    why: {
      gentle: 'No: this curve stretches only 1.4 times, so a residual block is enough.',
      steep:
        'Right. The block searches for a crossing, and where its curve is nearly flat the crossing moves 10 times as far.',
      back: 'No: two inputs get the same height here, so the move could not be undone. No block of a flow does that.',
    },
  },
];

/** The two questions after the tour. The visitor predicts, and the page says why an answer is right or wrong. */
export const Questions = (): JSX.Element => (
  <div class="questions">
    {QUESTIONS.map((asked) => (
      <Question key={asked.ask} asked={asked} />
    ))}
  </div>
);

const Question = ({ asked: { ask, right, why } }: { readonly asked: Asked }): JSX.Element => {
  const chosen = useSignal<CurveName | undefined>(undefined);
  const { value } = chosen;
  return (
    <section aria-label={ask}>
      <h3>{ask}</h3>
      <div class="question-curves">
        {CURVES.map(({ name, words, path }) => (
          <button
            key={name}
            type="button"
            aria-pressed={value === name}
            onClick={() => {
              chosen.value = name;
            }}
          >
            <svg viewBox="-1.1 -1.1 2.2 2.2" aria-hidden="true">
              <path d={path} />
            </svg>
            {words}
          </button>
        ))}
      </div>
      <p role="status" data-right={value === undefined ? undefined : value === right}>
        {value === undefined ? 'Choose a curve.' : why[value]}
      </p>
    </section>
  );
};
