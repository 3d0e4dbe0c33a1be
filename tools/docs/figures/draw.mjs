// `node tools/docs/figures/draw.mjs [NAMES]`: draws the figures of docs/guide/mathematics.md into docs/figures.
import { writeFileSync } from 'node:fs';
import { wasm } from '../../bench/library.mjs';
import { bentGrid } from './bent-grid.mjs';
import { cobweb } from './cobweb.mjs';
import { residuals } from './residuals.mjs';
import { slopes } from './slopes.mjs';
import { spread } from './spread.mjs';

const FIGURES = { cobweb, residuals, slopes, 'log-det-spread': spread, 'bent-grid': bentGrid };
const names = process.argv.slice(2);

await wasm().start();
for (const [name, draw] of Object.entries(FIGURES))
  if (names.length === 0 || names.includes(name)) {
    console.error(`[figures] ${name}`);
    writeFileSync(new URL(`../../../docs/figures/${name}.png`, import.meta.url), await draw());
  }
