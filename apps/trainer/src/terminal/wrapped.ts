/** Number of characters of a line of text. Longer lines are broken between words. */
export const WIDTH = 100;

/**
 * Returns the text with line breaks between words, so that no line has more than `width` characters. The parts of a
 * broken line begin with `indent`, except the first part.
 */
export const wrapped = (text: string, width: number = WIDTH, indent = ''): string =>
  text
    .split('\n')
    .map((line) => wrappedLine(line, width, indent))
    .join('\n');

const wrappedLine = (line: string, width: number, indent: string): string => {
  // A line that fits keeps its spaces, which may align a table.
  if (line.length <= width) return line;
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines.join('\n');
};
