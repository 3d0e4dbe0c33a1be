import type { OnEvent } from 'impflow';

/** Finds out from the events of a training whether its flow overfits. */
interface OverfitWatch {
  readonly onEvent: OnEvent;
  /**
   * Returns whether the validation loss rose after its lowest value `best`, while the training loss fell. A rise counts
   * if it is larger than a tenth of the fall.
   */
  isOverfit(best: { readonly step: number; readonly nats: number } | undefined): boolean;
}

/** Number of steps over which the training loss is averaged, because the loss of a single batch is noisy. */
const STEPS = 10;
/** Smallest rise of the validation loss that counts, in nats per row. */
const RISE = 0.01;

/** Watches the last training of a fit. */
export const overfitWatch = (): OverfitWatch => {
  let steps: { readonly step: number; readonly loss: number; readonly validation?: number }[] = [];
  return {
    onEvent: (event) => {
      if (event.kind === 'start') steps = [];
      if (event.kind !== 'step') return;
      const { step, loss, validation } = event;
      steps.push({ step, loss, ...(validation === undefined ? {} : { validation: validation.nats }) });
    },
    isOverfit: (best) => {
      const after = steps.filter(({ step }) => best !== undefined && step > best.step);
      const last = after.flatMap(({ validation }) => validation ?? []).at(-1);
      if (best === undefined || last === undefined || after.length < 2 * STEPS) return false;
      const mean = (some: typeof after): number => some.reduce((sum, { loss }) => sum + loss, 0) / some.length;
      const fall = mean(after.slice(0, STEPS)) - mean(after.slice(-STEPS));
      return fall > 0 && last - best.nats > Math.max(RISE, fall / 10);
    },
  };
};
