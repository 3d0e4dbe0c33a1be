/** Whether a location is a URL instead of a path. */
export const isAddress = (place: string): boolean => /^https?:\/\//.test(place);
