/** Largest allowed factor between the ratio and that of products alone. */
const SLACK = 1.1;

/**
 * One row of the results. Times are in seconds, `peak` and `flops` per second. `ok` is null unless there is a bound and
 * both sides ran. `rivalName` is the name of the rival, `others` are the times of slower rivals. `limit` is the ratio
 * of products alone in the same run. `toLimit` is our ratio as a multiple of it, and `okToLimit` whether that is within
 * 10 %.
 */
export const result = ({
  name,
  ours = null,
  rival = null,
  rivalName = null,
  others = {},
  bound = null,
  limit = null,
  flops,
  peak,
  cores = 1,
}) => {
  const ratio = ours === null || rival === null ? null : ours / rival;
  const speed = ours === null || flops === undefined ? null : flops / ours;
  const toLimit = ratio === null || limit === null ? null : ratio / limit;
  return {
    name,
    ours,
    rival,
    rivalName,
    others,
    unit: 's',
    ratio,
    bound,
    ok: ratio === null || bound === null ? null : ratio <= bound,
    limit,
    toLimit,
    okToLimit: toLimit === null ? null : toLimit <= SLACK,
    gflops: speed === null ? null : speed / 1e9,
    share: speed === null || peak === undefined ? null : speed / peak / cores,
  };
};
