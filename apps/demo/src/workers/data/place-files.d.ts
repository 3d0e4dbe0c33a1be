import type { PlaceFile } from './places.ts';

/** By name; made by the plugin of `build/places.ts`. */
export const places: Readonly<Record<string, PlaceFile>>;
