import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { leftSide, leftSlope, rightSide, rightSlope, rootFor, searchFor } from './divide-curve.ts';

/** Largest input, and largest answer that the search may guess. */
const MOST = { x: 1, z: 1.2 };
const FIRST_X = 0.05;

/**
 * The picture of one implicit block on a line. At the left, the search: a curve over all possible answers, a line whose
 * height the input sets, and the guesses. At the right, the answers to all inputs.
 */
export const Divide = (): JSX.Element => {
  const x = useSignal(FIRST_X);
  const shown = useSignal(1);
  const guesses = useComputed(() => searchFor(x.value));
  const found = useComputed(() => shown.value >= guesses.value.length);
  return (
    <section class="divide" aria-label="An implicit block searches for its answer">
      <Search x={x} guesses={guesses} shown={shown} />
      <Answers x={x} />
      <div class="divide-controls">
        <label class="divide-input">
          <span>
            input <i>x</i> = {x.value.toFixed(2)}
          </span>
          <input
            type="range"
            min={-MOST.x}
            max={MOST.x}
            step={0.01}
            value={x}
            onInput={({ currentTarget }) => {
              x.value = Number(currentTarget.value);
              shown.value = 1;
            }}
          />
        </label>
        <button
          type="button"
          class="primary"
          disabled={found.value}
          onClick={() => {
            shown.value += 1;
          }}
        >
          Next guess
        </button>
        <button
          type="button"
          disabled={shown.value === 1}
          onClick={() => {
            shown.value = 1;
          }}
        >
          Start again
        </button>
        <p role="status">{guessInWords(x.value, guesses.value, shown.value)}</p>
        <p>{slopeInWords(x.value)}</p>
      </div>
    </section>
  );
};

/** Describes the last shown guess, and where the next guess goes. */
export const guessInWords = (x: number, guesses: readonly number[], shown: number): string => {
  const z = guesses[shown - 1]!;
  const start = `Guess ${shown} of ${guesses.length}: z = ${z.toFixed(2)}. `;
  if (shown >= guesses.length) return `${start}The curve meets the line: this is the answer to x = ${x.toFixed(2)}.`;
  const missing = rightSide(x) - leftSide(z);
  return `${start}There the curve is ${Math.abs(missing).toFixed(2)} ${missing > 0 ? 'below' : 'above'} the line, so the answer is further ${missing > 0 ? 'right' : 'left'}.`;
};

/** Describes how far the answer moves when the input moves. */
export const slopeInWords = (x: number): string => {
  const [up, along] = [rightSlope(x), leftSlope(rootFor(x))].map((slope) => Number(slope.toFixed(2))) as [
    number,
    number,
  ];
  return (
    `Move x a little: here the line rises by ${up} for 1 of x, and the curve by ${along} for 1 of z, ` +
    `so the crossing moves ${up} ÷ ${along} = ${(up / along).toFixed(1)} times as far as x.` +
    (up / along > 2 ? ' A residual block stays below 2.' : '')
  );
};

const SCALE = 200;
const at = (value: number): string => (SCALE * value).toFixed(1);
const pathOf = (from: number, to: number, point: (t: number) => readonly [number, number]): string =>
  Array.from({ length: 121 }, (_, i) => {
    const [u, v] = point(from + ((to - from) * i) / 120);
    return `${i === 0 ? 'M' : 'L'}${at(u)} ${at(-v)}`;
  }).join('');

const CURVE = pathOf(-MOST.z, MOST.z, (z) => [z, leftSide(z)]);
const ANSWERS = pathOf(-MOST.x, MOST.x, (x) => [x, rootFor(x)]);

const Search = ({
  x,
  guesses,
  shown,
}: {
  readonly x: ReadonlySignal<number>;
  readonly guesses: ReadonlySignal<readonly number[]>;
  readonly shown: ReadonlySignal<number>;
}): JSX.Element => {
  const height = rightSide(x.value);
  const seen = guesses.value.slice(0, shown.value);
  const last = seen.at(-1)!;
  return (
    <figure>
      <svg viewBox="-255 -255 510 510" role="img" aria-label="The curve, the line, and the guesses">
        <path class="axis" d="M-245 0H245M0 -245V245" />
        <path class="divide-curve" d={CURVE} />
        <path class="divide-line" d={`M-245 ${at(-height)}H245`} />
        <path class="gap" d={`M${at(last)} ${at(-leftSide(last))}V${at(-height)}`} />
        <circle class="divide-root" cx={at(rootFor(x.value))} cy={at(-height)} r="9" />
        {seen.map((z, i) => (
          <g key={i} class="guess" data-last={i === seen.length - 1}>
            <circle cx={at(z)} cy={at(-leftSide(z))} r="5" />
            <text x={at(z)} y={Number(at(-leftSide(z))) + (leftSide(z) < height ? 26 : -14)}>
              {i + 1}
            </text>
          </g>
        ))}
        <text class="name" x="240" y="22">
          z
        </text>
      </svg>
      <figcaption>
        The curve is <i>z</i> + <i>g</i>
        <sub>z</sub>(<i>z</i>), the line is <i>x</i> + <i>g</i>
        <sub>x</sub>(<i>x</i>); the ring is where they meet.
      </figcaption>
    </figure>
  );
};

const Answers = ({ x }: { readonly x: ReadonlySignal<number> }): JSX.Element => (
  <figure>
    <svg viewBox="-255 -255 510 510" role="img" aria-label="The answers to all inputs: a steep edge in the middle">
      <path class="axis" d="M-245 0H245M0 -245V245" />
      <path class="divide-answer" d={ANSWERS} />
      <circle class="divide-root" cx={at(x.value)} cy={at(-rootFor(x.value))} r="9" />
      <text class="name" x="240" y="22">
        x
      </text>
      <text class="name" x="16" y="-232">
        z
      </text>
    </svg>
    <figcaption>
      The answer <i>z</i> to every input <i>x</i>.
    </figcaption>
  </figure>
);
