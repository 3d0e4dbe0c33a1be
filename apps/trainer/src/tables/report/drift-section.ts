import type { Drift } from 'impflow';
import { namedCauses, number, pairText, withError } from 'impflow/run';
import { html, htmlPicture, htmlTable, type Section } from './html.ts';

/** Number of columns that the section lists. */
const LISTED = 10;

/** Returns the section on the drift of the rows of a file from the test rows. */
export const driftSection = (found: Drift, file: string, picture: Uint8Array): Section => {
  const { drifted, because, columns, nats, counts, remarks, stream } = found;
  const isAlarm = drifted || stream.alarm !== undefined;
  return {
    id: 'drift',
    title: 'Drift',
    body: html`<p class="${isAlarm ? 'alarm' : 'good'}">${because}</p>
      <p>
        ${number(counts.rows.all)} rows of ${file}, compared with ${number(counts.reference.all)} test rows. The loss of
        the new rows minus the loss of the test rows is ${withError(nats.difference, nats.standardError)} nats.
      </p>
      ${
        drifted && namedCauses(found).pairs.length > 0
          ? html`<ul>
              ${namedCauses(found).pairs.map((pair) => html`<li>${pairText(pair)}: p = ${number(pair.pValue, 2)}</li>`)}
            </ul>`
          : html``
      }
      ${htmlTable(
        `Columns, the most changed first (${number(columns.length)} in all)`,
        ['column', 'largest change', 'p-value', 'nats given the other columns'],
        columns
          .slice(0, LISTED)
          .map(({ column, change, pValue, nats: cost, standardError }) => [
            column,
            change,
            number(pValue, 2),
            Number.isNaN(cost) ? '–' : withError(cost, standardError),
          ]),
        [2, 3],
      )}
      ${htmlPicture(picture, `Evidence for drift over the rows of ${file}, log-densities, and columns.`)}
      ${remarks.map((text) => html`<p class="soft">${text}</p>`)}`,
  };
};
