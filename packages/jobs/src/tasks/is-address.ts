/** Whether a place is named by an address instead of a path. */
export const isAddress = (place: string): boolean => /^https?:\/\//.test(place);
