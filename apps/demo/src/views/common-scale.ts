import { paint } from '../colors.ts';
import type { MapImage } from '../protocol/viewer.ts';
import type { Run } from '../state/session-types.ts';

/** The map of a model in the color scale of all models on the page, so that equal colors mean equal numbers. */
export const onCommonScale = (map: MapImage, runs: readonly Run[]): MapImage => {
  const others = runs.flatMap(({ map: { value } }) => (value?.quantity === map.quantity ? [value] : []));
  const low = Math.min(map.low, ...others.map((other) => other.low));
  const high = Math.max(map.high, ...others.map((other) => other.high));
  if (low === map.low && high === map.high) return map;
  const known = painted.get(map);
  if (known !== undefined && known.low === low && known.high === high) return known;
  const image = { ...map, low, high, pixels: paint(map.values, map.quantity, low, high) };
  painted.set(map, image);
  return image;
};
const painted = new WeakMap<MapImage, MapImage>();
