/** One row of the results: times in seconds, `ok` where there is a bound and both sides ran; `peak` and `flops` per second. */
export const result = ({ name, ours = null, rival = null, bound = null, flops, peak, cores = 1 }) => {
  const ratio = ours === null || rival === null ? null : ours / rival;
  const speed = ours === null || flops === undefined ? null : flops / ours;
  return {
    name, ours, rival, unit: 's', ratio, bound, ok: ratio === null || bound === null ? null : ratio <= bound,
    gflops: speed === null ? null : speed / 1e9, share: speed === null || peak === undefined ? null : speed / peak / cores,
  };
};
