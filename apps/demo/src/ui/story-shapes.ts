// Shapes in the pictures of the introduction. The shapes have closed forms, so no worker has to compute them.

const COUNT = 180;
/**
 * Points of a Gaussian cloud along a golden-angle spiral. The points are not random, so every browser shows the same
 * picture.
 */
const CLOUD: readonly (readonly [number, number])[] = Array.from({ length: COUNT }, (_, i) => {
  const turn = 2 * Math.PI * (((i + 0.5) * 0.618033989) % 1);
  const radius = Math.sqrt(-2 * Math.log(1 - (0.985 * (i + 0.5)) / COUNT));
  return [radius * Math.cos(turn), radius * Math.sin(turn)];
});

/** Coefficient of the quadratic term that bends the cloud. */
const BEND = 0.85;

/**
 * Interpolates between a bent cloud (`share` 0) and a round cloud (`share` 1). Returns three SVG paths of dots: the
 * left, the middle and the right third of the cloud. The map `(x, y) -> (x, y + bend (x^2 - 1))` has an inverse for
 * every value of `bend`.
 */
export const bananaAt = (share: number): readonly string[] => {
  const paths = ['', '', ''];
  for (const [x, y] of CLOUD) {
    const bent = y * (0.45 + 0.55 * share) + (1 - share) * BEND * (x * x - 1);
    const third = x < -0.43 ? 0 : x < 0.43 ? 1 : 2;
    paths[third] += `M${x.toFixed(2)} ${(-bent).toFixed(2)}h0`;
  }
  return paths;
};

/** Returns the SVG path of a curve on the interval from −1 to 1, with the given slope in the middle and flat ends. */
export const steepCurve = (slope: number): string =>
  Array.from({ length: 61 }, (_, i) => {
    const x = -1 + i / 30;
    const y = 0.85 * Math.tanh((slope * x) / 0.85);
    return `${i === 0 ? 'M' : 'L'}${x.toFixed(3)} ${(-y).toFixed(3)}`;
  }).join('');

/**
 * Returns a text of two lines. The first line is the wanted slope. The second line is the slope that a block of the
 * given kind reaches.
 */
export const slopesFor = (kind: 'residual' | 'implicit', slope: number): string => {
  if (kind === 'residual') return `slope wanted: ${slope}\nreached: ${slope < 2 ? slope : 'just under 2'}`;
  // The slope of each side of the implicit equation lies between 0 and 2. The slope of the block is the quotient of the
  // slopes of the two sides.
  const [right, left] = slope <= 1.9 ? [slope, 1] : [1.9, 1.9 / slope];
  return `slope wanted: ${slope}\nreached: ${right} ÷ ${Number(left.toFixed(2))} = ${slope}`;
};
