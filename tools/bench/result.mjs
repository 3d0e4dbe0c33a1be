/** Largest allowed factor between the ratio and the ratio of products alone. */
const SLACK = 1.1;

/** @typedef {ReturnType<typeof result>} Result */

/**
 * One row of the results. `ok` is null unless there is a bound and both sides ran. `toLimit` is our ratio as a multiple
 * of `limit`, and `okToLimit` whether that is within 10 %.
 *
 * @param {object} measured
 * @param {string} measured.name
 * @param {number | null} [measured.ours] Seconds.
 * @param {number | null} [measured.rival] Seconds.
 * @param {string | null} [measured.rivalName]
 * @param {Readonly<Record<string, number>>} [measured.others] Seconds of slower rivals.
 * @param {number | null} [measured.bound] The largest ratio ours / rival to meet.
 * @param {number | null} [measured.limit] The ratio of products alone in the same run.
 * @param {number} [measured.flops] Operations.
 * @param {number} [measured.peak] Operations per second.
 * @param {number} [measured.cores]
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
