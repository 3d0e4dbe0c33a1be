import type { PlaceFile } from './places.ts';

/** Files of the bundled geographic data sets, by name. The vite plugin in `build/places.ts` generates this module. */
export const places: Readonly<Record<string, PlaceFile>>;
