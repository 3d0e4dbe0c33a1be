/** Names of the stations of the tour, in order. */
export const STATION_NAMES = ['cloud', 'wall', 'divide', 'pays', 'yours', 'questions'] as const;
export type StationName = (typeof STATION_NAMES)[number];
