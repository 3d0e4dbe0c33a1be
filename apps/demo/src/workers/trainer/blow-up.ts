/** A loss that many times as far from 0 as usual is no accident of a batch. In two dimensions usual losses are a few nats. */
const FAR = 1000;
/** Weight of the newest loss in the usual one. */
const NEWEST = 0.1;

/** Watches losses one after the other: gives the usual one where the newest is far above it, as after a step that was much too long. */
export const blowUp = (): ((loss: number) => number | undefined) => {
  let usual: number | undefined;
  return (loss) => {
    if (usual !== undefined && loss - usual > FAR * (1 + Math.abs(usual))) return usual;
    usual = usual === undefined ? loss : usual + NEWEST * (loss - usual);
    return undefined;
  };
};
