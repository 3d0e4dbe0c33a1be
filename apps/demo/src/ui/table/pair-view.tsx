import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PairPicture, RowScores } from '../../protocol/table.ts';
import { prepared } from '../../views/canvas.ts';
import { useWidth } from '../../views/hooks.ts';
import { drawPair, nearestRow, STRANGE } from './draw-pair.ts';

/**
 * The picture of two columns of a learned table. A click chooses the nearest row. With the keyboard, rows are chosen in
 * the list next to the picture.
 */
export const PairView = ({
  pair,
  rows,
  chosen,
  choose,
}: {
  readonly pair: PairPicture;
  readonly rows: RowScores | undefined;
  readonly chosen: number | undefined;
  readonly choose: (row: number) => void;
}): JSX.Element => {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const { value: side } = width;
  const { across, up } = pair;
  useEffect(() => {
    if (canvas.current === null || side === 0) return undefined;
    const element = canvas.current;
    const draw = (): void => {
      const context = prepared(element, side, side, Math.min(2, devicePixelRatio));
      drawPair(context, { pair, pValues: rows?.pValues, chosen, side });
    };
    draw();
    // The colors of the axes follow the theme.
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => themes.disconnect();
  }, [pair, rows, chosen, side]);
  return (
    <figure class="pair-view">
      <div ref={box} class="pair-box">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${up.name} over ${across.name}: ${rows === undefined ? 'draws of the model' : `${rows.count} rows and draws of the model`}`}
          onClick={(event) => {
            const { left, top } = event.currentTarget.getBoundingClientRect();
            const row = nearestRow(pair, side, event.clientX - left, event.clientY - top);
            if (row !== undefined) choose(row);
          }}
        />
      </div>
      <figcaption class="hint">
        {pair.draws === 0
          ? 'The model has conditions: open rows to see its draws.'
          : 'Light: how often the model draws such values, on a logarithmic scale.'}
        {rows === undefined ? null : (
          <>
            {' '}
            Dots: your rows; larger and orange if at most {100 * STRANGE} % of the test rows are as unlikely. Click one.
          </>
        )}
      </figcaption>
    </figure>
  );
};
