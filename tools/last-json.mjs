/**
 * Parses the last line of a program's output as JSON.
 *
 * @param {string} printed
 */
export const lastJson = (printed) => JSON.parse(printed.trim().split('\n').at(-1) ?? '');
