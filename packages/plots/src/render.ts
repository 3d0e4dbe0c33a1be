import { createRequire } from 'node:module';
import { plot, type PlotOptions } from '@observablehq/plot';
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';
import { textWidth, wrapped } from './text.ts';

const FONT = 'DejaVu Sans';
/** Characters that XML forbids. Names of columns and files may contain these characters. */
const CONTROL = /[^\t\n\r\P{Cc}]/gu;
const PIXELS_PER_UNIT = 2;
const SVG = 'http://www.w3.org/2000/svg';

/** A drawing and the position of its top left corner in the figure. */
export interface Part {
  readonly element: Element;
  readonly x: number;
  readonly y: number;
}

/** A colored swatch and its label in a legend. */
export interface LegendKey {
  readonly name: string;
  readonly color: string;
  readonly mark: 'line' | 'dot' | 'box' | 'triangle';
  readonly dash?: string;
  /** Opacity of a line or a box. Default 1. */
  readonly opacity?: number;
}

/** A figure: a title, with drawings and legends below. */
interface Figure {
  readonly width: number;
  readonly height: number;
  readonly title?: string;
  /** A smaller line under the title. */
  readonly subtitle?: string;
  readonly parts: readonly Part[];
}

/**
 * Heights of the header of {@link renderFigure}. `title` is the height of a header that contains only a title.
 * `subtitle` is the height of a header with a title and a subtitle. The heights are for lines that fit the width.
 */
export const HEADER = { title: 34, subtitle: 52 } as const;
/** Distances between the lines of a title and of a subtitle. */
const LINE = { title: 19, subtitle: 15 } as const;

/**
 * Draws a plot as an SVG element. A title or legend in `options` would make Plot return HTML: use {@link label} and
 * {@link legend} instead.
 */
export const panel = (options: Omit<PlotOptions, 'title' | 'subtitle' | 'caption' | 'document' | 'style'>): Element => {
  const element = plot({ ...options, document: page() });
  for (const [name, value] of Object.entries({ 'font-family': FONT, 'font-size': 11, color: '#222' }))
    element.setAttribute(name, String(value));
  // Plot's style sheet has selectors that resvg does not support. A picture without interaction does not need the style
  // sheet.
  for (const sheet of element.querySelectorAll('style')) sheet.remove();
  return element;
};

/**
 * Draws a line of text as an SVG element. The `x` and `y` of its {@link Part} are the position at which the baseline of
 * the text starts.
 */
export const label = (
  text: string,
  {
    size = 12,
    bold = false,
    color = '#222',
    anchor = 'start',
    upward = false,
  }: {
    readonly size?: number;
    readonly bold?: boolean;
    readonly color?: string;
    readonly anchor?: 'start' | 'middle' | 'end';
    /** Whether the text is turned by 90 degrees, and reads from bottom to top. */
    readonly upward?: boolean;
  } = {},
): Element => {
  const node = element('text', {
    'font-size': size,
    'font-weight': bold ? 'bold' : 'normal',
    fill: color,
    'text-anchor': anchor,
    ...(upward ? { transform: 'rotate(-90)' } : {}),
  });
  node.textContent = text;
  return group(node);
};

/** Draws a line of swatches with labels. The baseline of the labels is at y = 0. */
export const legend = (keys: readonly LegendKey[], size = 11): Element => {
  let x = 0;
  const nodes = keys.flatMap(({ name, color, mark, dash = 'none', opacity = 1 }) => {
    const swatch =
      mark === 'line'
        ? element('line', {
            x1: x,
            x2: x + 24,
            y1: -4,
            y2: -4,
            stroke: color,
            'stroke-opacity': opacity,
            'stroke-width': 2,
            'stroke-dasharray': dash,
          })
        : mark === 'dot'
          ? element('circle', { cx: x + 18, cy: -4, r: 4, fill: color })
          : mark === 'triangle'
            ? element('path', { d: `M${x + 18},-8l4,7h-8z`, fill: color })
            : element('rect', { x: x + 8, y: -9, width: 16, height: 10, fill: color, 'fill-opacity': opacity });
    const text = element('text', { x: x + 30, y: 0, 'font-size': size, fill: '#222' });
    text.textContent = name;
    x += 30 + textWidth(name, size) + 18;
    return [swatch, text];
  });
  return group(...nodes);
};

/** Splits the keys of a legend into lines that fit the width. */
export const legendLines = (keys: readonly LegendKey[], width: number): readonly (readonly LegendKey[])[] => {
  const lines: LegendKey[][] = [[]];
  let used = 0;
  for (const key of keys) {
    const size = 48 + textWidth(key.name, 11);
    if (used > 0 && used + size > width) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)!.push(key);
    used += size;
  }
  return lines;
};

/** Returns an SVG element that shows a PNG, stretched to the given size. */
export const imageElement = (png: Uint8Array, width: number, height: number): Element =>
  group(
    element('image', {
      width,
      height,
      preserveAspectRatio: 'none',
      href: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    }),
  );

/**
 * Returns the figure as a PNG on a white background, with two pixels per unit. Fonts come from a package, so the
 * picture is the same on every machine. A title or subtitle that is wider than the figure is broken into lines, and the
 * parts move down.
 */
export const renderFigure = (figure: Figure): Uint8Array =>
  new Resvg(figureSvg(figure).replace(CONTROL, '?'), {
    background: 'white',
    fitTo: { mode: 'zoom', value: PIXELS_PER_UNIT },
    font: { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: FONT, sansSerifFamily: FONT },
  })
    .render()
    .asPng();

/** Returns the SVG of a figure. */
const figureSvg = ({ width, height, title, subtitle, parts }: Figure): string => {
  const room = width - 32;
  const titles = title === undefined ? [] : wrapped(title, { width: room, most: 2, size: 15, bold: true });
  const subtitles = subtitle === undefined ? [] : wrapped(subtitle, { width: room, most: 8, size: 11 });
  const below = LINE.title * Math.max(0, titles.length - 1);
  const extra = below + LINE.subtitle * Math.max(0, subtitles.length - 1);
  const all: readonly Part[] = [
    ...titles.map((line, i) => ({ element: label(line, { size: 15, bold: true }), x: 16, y: 24 + i * LINE.title })),
    ...subtitles.map((line, i) => ({
      element: label(line, { size: 11, color: '#555' }),
      x: 16,
      y: 42 + below + i * LINE.subtitle,
    })),
    ...parts.map((part) => ({ ...part, y: part.y + extra })),
  ];
  const size = { width, height: height + extra, viewBox: `0 0 ${width} ${height + extra}` };
  const root = element('svg', { xmlns: SVG, ...size, 'font-family': FONT });
  for (const { element: part, x, y } of all) {
    const place = element('g', { transform: `translate(${x},${y})` });
    place.append(part);
    root.append(place);
  }
  return root.outerHTML;
};

const fontFiles = (): string[] => {
  const { resolve } = createRequire(import.meta.url);
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
};

const page = (): Document => parseHTML('<!doctype html><html><body></body></html>').document;

const element = (name: string, attributes: Readonly<Record<string, string | number>> = {}): Element => {
  const node = page().createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
};

const group = (...children: readonly Element[]): Element => {
  const node = element('g');
  node.append(...children);
  return node;
};
