/**
 * Widths of the characters from space to `~` in DejaVu Sans, in hundredths of the font size: from the table `hmtx` of
 * the font.
 */
const WIDTHS = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
  84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
  69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
  82, 59, 59, 52, 64, 34, 64, 84,
];
/** Width of all other characters. Few letters are wider, and most of them are narrower. */
const OTHER = 84;
/** Upper bound of the width of a letter in DejaVu Sans Bold, divided by its width in DejaVu Sans. */
const BOLD = 1.17;

/** Returns the width of a text in DejaVu Sans. `size` is the font size. */
export const textWidth = (text: string, size: number, bold = false): number => {
  let width = 0;
  for (const character of text) width += WIDTHS[character.codePointAt(0)! - 32] ?? OTHER;
  return (width / 100) * size * (bold ? BOLD : 1);
};

/** Returns `text`, shortened with an ellipsis if it would be wider than `width`. */
export const shortened = (text: string, width: number, size = 11, bold = false): string => {
  if (textWidth(text, size, bold) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size, bold) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
};

/** Returns `name`, with an ellipsis in its middle if it would be wider than `width`: the ends of names differ most. */
export const abbreviated = (name: string, width: number, size = 11): string => {
  if (textWidth(name, size) <= width) return name;
  const characters = [...name];
  let text = '…';
  for (let kept = 1; kept < characters.length; kept++) {
    const longer = `${characters.slice(0, Math.ceil(kept / 2)).join('')}…${characters.slice(characters.length - Math.floor(kept / 2)).join('')}`;
    if (textWidth(longer, size) > width) return text;
    text = longer;
  }
  return text;
};

/**
 * Breaks a text into at most `most` lines that are not wider than `width`. Lines break at spaces and line ends. The last line, and a
 * word that is wider than a line, are shortened.
 */
export const wrapped = (
  text: string,
  {
    width,
    most,
    size,
    bold = false,
  }: { readonly width: number; readonly most: number; readonly size: number; readonly bold?: boolean },
): readonly string[] => {
  const lines: string[] = [];
  for (const paragraph of text.split('\n'))
    for (const [i, word] of paragraph.split(' ').entries()) {
      const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
      const fits = i > 0 && textWidth(longer, size, bold) <= width;
      if (lines.length > 0 && (lines.length === most || fits)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
  return lines.map((line) => shortened(line, width, size, bold));
};
