import type { Config } from './config.ts';
import type { ViewOptions } from './state/session-types.ts';
import { fromHash } from './state/url.ts';

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

/** Returns the address of a race of the two models of the study: see `STUDY` in study-numbers.ts. */
const race = (data: string): string => {
  const model = (suffix: string): string => `net${suffix}=sandwich&blocks${suffix}=3&hidden${suffix}=54-54`;
  return `#data=${data}&${model('')}&model2=residual&${model('2')}&race=seconds&lr=0.01&batch=500&view=simple&play=1`;
};

/** Returns the scenes. `encode` converts drawn points to text for an address. */
export const scenesOf = (encode: (points: Float32Array) => string | undefined): readonly Scene[] => [
  {
    name: 'Race: earthquakes',
    words: 'The data lie on thin lines. The residual model is quicker at first; then the implicit one passes it.',
    hash: race('earthquakes'),
  },
  {
    name: 'Race: eight soft clouds',
    words: 'The clouds are wide. Both models learn them equally well, and the residual one is a little quicker.',
    hash: race('8gaussians'),
  },
  {
    name: 'Draw a heart',
    words: 'A model of your own drawing: press “Draw your own” and change it.',
    hash: `#data=drawn&drawn=${encode(heart()) ?? ''}&play=1`,
  },
  {
    name: 'Your table',
    words: 'Any table is learned, texts and gaps too, and you look at two columns. The file stays in this browser.',
    hash: '#open=table',
  },
  {
    name: 'Watch the solver',
    words: 'Each block solves an equation: where the picture is bright, it takes more steps.',
    hash: '#data=pinwheel&solver=anderson&show=steps&play=1',
  },
];

/** Returns the scene whose settings the page has. Undefined if the visitor has changed the settings of a scene. */
export const sceneShown = (
  scenes: readonly Scene[],
  config: Config,
  { stage }: Pick<ViewOptions, 'stage'>,
): Scene | undefined => {
  const now = settingsOf(config);
  return scenes.find(({ hash }) => {
    if (!hash.includes('play=1')) return false;
    const address = fromHash(hash);
    return address.view.stage === stage && settingsOf(address.config) === now;
  });
};

/** Returns the settings that a scene determines, as a string. A scene keeps the backend and the plugins of the page. */
const settingsOf = ({ play: _play, backend: _backend, plugins: _plugins, ...config }: Config): string =>
  JSON.stringify(config);
