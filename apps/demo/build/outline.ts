import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A TopoJSON file with the borders of land, in degrees. */
interface Topology {
  readonly transform: { readonly scale: readonly [number, number]; readonly translate: readonly [number, number] };
  readonly arcs: readonly (readonly (readonly [number, number])[])[];
  readonly objects: { readonly land: { readonly arcs: readonly (readonly (readonly number[])[])[] } };
}

/** A map file of the package `vega-datasets`, and the part of its map that the page draws. */
export interface OutlineSource {
  readonly file: 'us-10m.json' | 'world-110m.json';
  /** Largest distance between the drawn line and the exact border, in degrees. */
  readonly tolerance: number;
  /**
   * The drawn region, as `[low, high]` of longitude and `[low, high]` of latitude. Lines that lie completely outside
   * this region are left out.
   */
  readonly within: readonly [readonly [number, number], readonly [number, number]];
  readonly license: string;
}

type Point = readonly [number, number];

/** Returns the borders of land as pairs of longitude and latitude. A pair of NaN ends each line. */
export const outline = async ({ file, tolerance, within }: OutlineSource): Promise<Float32Array> => {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')));
  const { transform, arcs, objects } = JSON.parse(await readFile(join(root, 'data', file), 'utf8')) as Topology;
  const line = (index: number): readonly Point[] => {
    // An arc stores the differences between consecutive points, as integers. A negative index `i` means the arc `~i` in
    // reverse order.
    const arc = arcs[index < 0 ? ~index : index]!;
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => {
      [x, y] = [x + dx, y + dy];
      return [
        transform.translate[0] + transform.scale[0] * x,
        transform.translate[1] + transform.scale[1] * y,
      ] as const;
    });
  };
  const [[west, east], [south, north]] = within;
  const inside = ([x, y]: Point): boolean => x >= west && x <= east && y >= south && y <= north;
  const used = [...new Set(objects.land.arcs.flat(2).map((index) => (index < 0 ? ~index : index)))];
  return Float32Array.from(
    used
      .map((index) => line(index))
      .filter((points) => points.some(inside))
      .flatMap((points) => [...simplified(points, tolerance), [NaN, NaN] as const])
      .flat(),
  );
};

/** Simplifies a line: removes points such that the line moves by at most `tolerance` (Douglas and Peucker, 1973). */
const simplified = (points: readonly Point[], tolerance: number): readonly Point[] => {
  const [first, last] = [points[0]!, points.at(-1)!];
  if (points.length < 3) return points;
  let [farthest, at] = [0, 0];
  points.forEach((point, i) => {
    const away = distance(point, first, last);
    if (away > farthest) [farthest, at] = [away, i];
  });
  if (farthest <= tolerance) return [first, last];
  return [...simplified(points.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(points.slice(at), tolerance)];
};

/** Returns the distance of a point from a line segment. */
const distance = ([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number => {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
};
