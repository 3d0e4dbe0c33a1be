import type { PlaceFile } from './places.ts';

/** Files of the places, by name. The plugin in `build/places.ts` generates this module. */
export const places: Readonly<Record<string, PlaceFile>>;
