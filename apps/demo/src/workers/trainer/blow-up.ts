/**
 * A loss this many times as far from 0 as usual is not due to the batch. In two dimensions usual losses are a few nats.
 */
const FAR = 1000;
/** Weight of the newest loss in the moving average. */
const NEWEST = 0.1;

/**
 * Detects blow-ups in a sequence of losses: returns the usual loss if the newest is far above it, as after a step that
 * was much too long.
 */
export const blowUp = (): ((loss: number) => number | undefined) => {
  let usual: number | undefined;
  return (loss) => {
    if (usual !== undefined && loss - usual > FAR * (1 + Math.abs(usual))) return usual;
    usual = usual === undefined ? loss : usual + NEWEST * (loss - usual);
    return undefined;
  };
};
