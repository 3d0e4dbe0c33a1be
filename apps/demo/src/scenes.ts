// Scenes of the page. A scene is a set of settings that demonstrates one property of flows, stored as an address of the
// page. Opening a scene has the same effect as opening its address.

export interface Scene {
  readonly name: string;
  /** A description of what the visitor sees in the scene. */
  readonly words: string;
  /** The address of the scene, beginning with `#`. */
  readonly hash: string;
}

/** Returns points along the outline of a heart, similar to a drawing on the drawing pad, `[n, 2]`. */
export const heart = (): Float32Array => {
  const count = 400;
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const t = (2 * Math.PI * i) / count;
    // Each coordinate differs from the outline by at most 0.14. A stroke on the drawing pad scatters points similarly.
    const [u, v] = [0.14 * Math.sin(37.1 * i), 0.14 * Math.cos(53.7 * i)];
    points[2 * i] = 0.19 * 16 * Math.sin(t) ** 3 + u;
    points[2 * i + 1] =
      0.19 * (13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t)) + 0.4 + v;
  }
  return points;
};

/** Returns the scenes. `encode` converts drawn points to text for an address. */
export const scenesOf = (encode: (points: Float32Array) => string | undefined): readonly Scene[] => [
  {
    name: 'Race: earthquakes',
    words:
      'An implicit and a residual model of equal size and equal computing time. The data lie on thin lines: within a minute the implicit one is ahead.',
    hash: '#data=earthquakes&net=sandwich&blocks=2&model2=residual&net2=sandwich&blocks2=2&race=seconds&view=simple&play=1',
  },
  {
    name: 'Race: eight clouds',
    words:
      'One implicit block against two residual ones of equal size. The data are soft clouds: the residual ones win.',
    hash: '#data=8gaussians&blocks=1&model2=residual&blocks2=1&race=seconds&play=1',
  },
  {
    name: 'Draw a heart',
    words: 'A model of your own drawing: press “Draw your own” and change it.',
    hash: `#data=drawn&drawn=${encode(heart()) ?? ''}&play=1`,
  },
  {
    name: 'Your CSV',
    words: 'Two columns of a table become the points. The file stays in this browser.',
    hash: '#open=table',
  },
  {
    name: 'Watch the solver',
    words: 'Each block solves an equation: where the picture is bright, it takes more steps.',
    hash: '#data=pinwheel&solver=anderson&show=steps&play=1',
  },
];
