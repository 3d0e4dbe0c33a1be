import { scale } from '@observablehq/plot';

/**
 * Colors of Okabe and Ito, Color Universal Design, 2008. Readers with every common kind of color vision can distinguish
 * these colors.
 */
export const INK = {
  blue: '#0072B2',
  vermilion: '#D55E00',
  green: '#009E73',
  purple: '#CC79A7',
  orange: '#E69F00',
  sky: '#56B4E9',
  black: '#222222',
  gray: '#777777',
} as const;

/** Colors of curves, in order. */
export const CYCLE: readonly string[] = [
  INK.blue,
  INK.vermilion,
  INK.green,
  INK.purple,
  INK.orange,
  INK.sky,
  INK.black,
];

/** Colors of data and of a model, the same in all pictures. Training rows have a pale tint of the color of the data. */
export const ROLE: { readonly data: string; readonly model: string } = { data: INK.blue, model: INK.vermilion };
/** Colors of the rows of a training, the same in all pictures. They differ from the colors of data and model. */
export const PHASE: { readonly training: string; readonly validation: string } = {
  training: INK.green,
  validation: '#7B3294',
};
/** Opacity of areas and bars: the data, and training rows beside the data. */
export const TINT = { data: 0.6, training: 0.22 } as const;

/** Colors of categories. They differ from blue and vermilion, which mean data and model, and from tints of these. */
export const GROUP_COLORS: readonly string[] = [INK.green, INK.purple, INK.black, '#BFA500', '#882255', '#9BC53D'];

/**
 * Dash patterns of curves, in the order of the colors in {@link CYCLE}. The patterns distinguish curves in a black and
 * white print.
 */
export const DASHES: readonly string[] = ['none', '6,3', '2,3', '8,3,2,3', '4,2', '1,2', '10,4'];

/**
 * Returns the viridis color map as 256 RGB triples `[256, 3]`, dark to bright. Equal steps of the index look like equal
 * changes of the color.
 */
export const viridis = (): Uint8Array => {
  const color = scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, 255] } });
  const table = new Uint8Array(3 * 256);
  for (let i = 0; i < 256; i++) table.set(channels(String(color.apply(i))), 3 * i);
  return table;
};

/** Returns the three bytes of a color `#rrggbb` or `rgb(r, g, b)`. */
const channels = (color: string): readonly number[] =>
  color.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
    : [...color.matchAll(/\d+/g)].slice(0, 3).map(([digits]) => Number(digits));
