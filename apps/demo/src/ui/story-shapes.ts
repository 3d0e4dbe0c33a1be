// Shapes of the story's pictures, in closed form: no worker has to compute them.

const COUNT = 180;
/** A Gaussian cloud along a golden-ratio spiral: it is not random, so it is equal in every browser. */
const CLOUD: readonly (readonly [number, number])[] = Array.from({ length: COUNT }, (_, i) => {
  const turn = 2 * Math.PI * (((i + 0.5) * 0.618033989) % 1);
  const radius = Math.sqrt(-2 * Math.log(1 - (0.985 * (i + 0.5)) / COUNT));
  return [radius * Math.cos(turn), radius * Math.sin(turn)];
});

/** How far the cloud is bent. */
const BEND = 0.85;

/**
 * Points between a bent cloud (`share` 0) and a round one (`share` 1), as three paths of dots: the left, middle and
 * right third. The map `(x, y) -> (x, y + bend (x^2 - 1))` has an inverse for every bend.
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

/** A curve with this slope in the middle and flat ends, as a path from −1 to 1. */
export const steepCurve = (slope: number): string =>
  Array.from({ length: 61 }, (_, i) => {
    const x = -1 + i / 30;
    const y = 0.85 * Math.tanh((slope * x) / 0.85);
    return `${i === 0 ? 'M' : 'L'}${x.toFixed(3)} ${(-y).toFixed(3)}`;
  }).join('');

/** The slope that is wanted and the slope that a block reaches, in two lines. */
export const slopesFor = (kind: 'residual' | 'implicit', slope: number): string => {
  if (kind === 'residual') return `slope wanted: ${slope}\nreached: ${slope < 2 ? slope : 'just under 2'}`;
  // The slope of each side of the equation lies between 0 and 2.
  const [right, left] = slope <= 1.9 ? [slope, 1] : [1.9, 1.9 / slope];
  return `slope wanted: ${slope}\nreached: ${right} ÷ ${Number(left.toFixed(2))} = ${slope}`;
};
