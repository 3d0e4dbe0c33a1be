// The figures of docs/guide/mathematics.md.
import { writeFileSync } from 'node:fs';
import { bentGrid } from './bent-grid.mjs';
import { cobweb } from './cobweb.mjs';
import { residuals } from './residuals.mjs';
import { slopes } from './slopes.mjs';
import { spread } from './spread.mjs';

const FIGURES = { cobweb, residuals, slopes, 'log-det-spread': spread, 'bent-grid': bentGrid };

/**
 * Draws all figures into a folder. A backend must be running.
 *
 * @param {{ folder: string; say: (what: string) => void }} options
 */
export const drawFigures = async ({ folder, say }) => {
  for (const [name, draw] of Object.entries(FIGURES)) {
    say(`figures: ${name}`);
    writeFileSync(`${folder}/${name}.png`, await draw());
  }
};
