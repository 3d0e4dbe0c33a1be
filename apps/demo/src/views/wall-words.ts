import { count, format } from '../axes.ts';
import type { WallCurve, WallRequest } from '../protocol/wall.ts';
import { FLAT } from '../workers/wall/target.ts';
import { outlookOf } from './wall-reach.ts';

/** Explains how steep each kind of block can be, and what this means for its error. */
export const wallInWords = (request: WallRequest): string => {
  const { residual, implicit } = outlookOf(request);
  const [least, most] = residual.slopes;
  const tooSteep = request.slope > most;
  const steep = tooSteep
    ? `A residual block can rise by at most ${format(most)} per unit of x; here it would have to rise by ${request.slope}.`
    : `A residual block can rise by up to ${format(most)} per unit of x, and here ${request.slope} is enough.`;
  const flat =
    least > FLAT
      ? ` ${tooSteep ? 'Nor can it' : 'But it cannot'} rise by less than ${format(least)}, and away from the ` +
        `middle the function rises by only ${FLAT}.`
      : '';
  const consequence =
    residual.bound > 0
      ? ` So its largest error is at least ${format(residual.bound)}, however wide its net is and however long it trains.`
      : ' There is no wall: the remaining error comes from these few seconds of training.';
  const other = ` An implicit block with the same limit can have slopes from ${format(implicit.slopes[0], 2)} to ${format(implicit.slopes[1])}`;
  return (
    steep +
    flat +
    consequence +
    other +
    (implicit.bound > 0
      ? `: its error can be smaller, but not below ${format(implicit.bound)}.`
      : ', which is all that the function needs.')
  );
};

/** Returns the message that the page shows at the end of a fit. */
export const resultInWords = ({ largestError: { implicit, residual }, bound: least, step }: WallCurve): string =>
  `Fitted in ${count(step)} steps: the implicit block is at most ${format(implicit)} off, the residual block ` +
  `${format(residual)}, ${least > 0 ? `and no residual block gets below ${format(least)}` : 'and longer training could make both errors smaller'}.`;

/** Describes the curves, for screen readers. */
export const curvesInWords = ({ slope, width }: WallRequest, curve: WallCurve | undefined): string => {
  const shape = `A function that rises by up to ${slope} per unit of x over a width of ${width}, and by ${FLAT} elsewhere.`;
  if (curve === undefined) return `${shape} Nothing is fitted to it yet.`;
  const {
    step,
    largestError: { implicit, residual },
  } = curve;
  return (
    `${shape} After ${count(step)} steps the implicit block is at most ${format(implicit)} away from it, ` +
    `the residual block ${format(residual)}.`
  );
};

/** Describes the errors of both blocks, for screen readers. */
export const errorsInWords = (request: WallRequest, curve: WallCurve | undefined): string => {
  const least = outlookOf(request).residual.bound;
  const limit =
    least > 0
      ? `the largest error of a residual block is at least ${format(least)}`
      : 'the error of a residual block can be 0';
  if (curve === undefined) return `Errors of both blocks. Nothing is fitted yet; ${limit}.`;
  const { implicit, residual } = curve.largestError;
  return (
    `Errors of both blocks from x = −2 to 2. Largest error: implicit ${format(implicit)}, residual ` +
    `${format(residual)}; ${limit}.`
  );
};
