/**
 * The JSON on the last line of what a program printed.
 *
 * @param {string} printed
 */
export const lastJson = (printed) => JSON.parse(printed.trim().split('\n').at(-1) ?? '');
