import { INK } from './colors.ts';

/** A trial in the picture of a sweep. */
export interface SweepPlotTrial {
  /** Name, for the legend. */
  readonly name: string;
  /** How the trial is drawn. */
  readonly kind: 'best' | 'defaults' | 'other';
  /** The step and the loss of each validation, in the order of the steps. The losses are in nats. */
  readonly curve: readonly (readonly [step: number, nats: number])[];
  /** Least validation loss, in nats; null if the training failed. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /** Values of the parameters as strings, by the names of the axes. Empty for the default parameters. */
  readonly values: Readonly<Record<string, string>>;
}

/** A trial that did not fail. */
export type RatedTrial = SweepPlotTrial & { readonly validation: number };

export const isRated = (trial: SweepPlotTrial): trial is RatedTrial => trial.validation !== null;

/** Returns the color and dash of the line of a trial. */
export const strokeOf = (
  { kind, validation }: SweepPlotTrial,
  colorOf: (nats: number) => string,
): { readonly stroke: string; readonly strokeWidth: number; readonly strokeDasharray: string } => ({
  stroke: kind === 'defaults' ? INK.vermilion : validation === null ? '#999' : colorOf(validation),
  strokeWidth: kind === 'best' ? 3.5 : kind === 'defaults' ? 2.2 : 1.6,
  strokeDasharray: kind === 'defaults' ? '6,3' : validation === null ? '2,3' : 'none',
});

/**
 * Returns the trials in the order in which they are drawn. The trial with the default parameters and then the best
 * trial come last, so that their lines lie on top.
 */
export const drawnOrder = (trials: readonly SweepPlotTrial[]): readonly SweepPlotTrial[] => {
  const order = ['other', 'defaults', 'best'];
  return trials.toReversed().toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
};
