import type { Report } from 'impflow';
import { duration, number, type TableContents } from 'impflow/run';
import { calibrationRows } from '../calibration-text.ts';
import { lossHead, lossRows, MEANING } from '../losses-text.ts';
import { html, htmlTable, type Section } from './html.ts';

/** Returns the section on the columns and what was assumed about them. */
export const assumedSection = ({ columns, remarks, gaps, scaling }: Report): Section => ({
  id: 'assumed',
  title: 'What was read and assumed',
  body: html`${htmlTable(
      'Columns',
      ['column', 'is', 'role', 'empty cells', 'how it is used'],
      columns.map((column) => [
        column.name,
        column.is,
        column.given ? 'condition' : column.is === 'left out' || column.is === 'weights' ? '–' : 'modelled',
        number(column.gaps),
        column.how,
      ]),
      [3],
    )}
    <p>
      Rows with empty cells: ${number(gaps.train)} of the training rows, ${number(gaps.validation)} of the validation
      rows, ${number(gaps.test)} of the test rows. Scaling of the numbers: ${scaling}.
    </p>
    ${
      remarks.length === 0
        ? html`<p>There are no remarks on the rows.</p>`
        : html`<ul>
            ${remarks.map((text) => html`<li>${text}</li> `)}
          </ul>`
    }`,
});

/** Returns the section on the losses of the model and of simpler densities, and on the calibration. */
export const qualitySection = (report: Report): Section => {
  const { heldOut, calibration, columns } = report;
  return {
    id: 'quality',
    title: 'How good the model is',
    body: html`${htmlTable(
        `${lossHead(heldOut, 'test row', columns)}, in nats per row`,
        ['density', 'loss', 'worse than the model by'],
        lossRows(report).map(({ name, isModel, cells }) => [
          isModel ? html`<strong>${name}</strong>` : name,
          cells[0] ?? '',
          cells[1] ?? '–',
        ]),
        [1, 2],
      )}
      <p class="soft">${MEANING.replaceAll('\n', ' ')}</p>
      ${
        calibration.length === 0
          ? html``
          : html`${htmlTable(
                'Calibration: share of the test rows inside the central intervals of the model',
                ['column', 'central 50 %', 'central 90 %'],
                calibrationRows(calibration, heldOut.rows + heldOut.unsolved),
                [1, 2],
              )}
              <p class="soft">
                Expected are 0.5 and 0.9. ± is one standard error. Shares that are off by more than chance explains are
                marked low or high.
              </p>`
      }`,
  };
};

/** Returns the section on the training. */
export const madeSection = (
  { report, options, provenance, data }: TableContents & { readonly report: Report },
  seed: number,
): Section => ({
  id: 'made',
  title: 'How the model was made',
  body: htmlTable(
    'Training',
    ['what', 'value'],
    [
      ['model', report.won],
      ['parameters', number(report.parameters)],
      [
        'steps',
        `${number(report.steps)}, best on the validation rows: ${report.bestStep === 0 ? 'the start' : number(report.bestStep)}`,
      ],
      [
        'time',
        `${duration(report.time.total)}, ${number(report.workers)} ${report.workers === 1 ? 'worker' : 'workers'}, ${report.backend}`,
      ],
      ['round trip, largest error in standard deviations', number(report.roundTrip, 2)],
      ...(report.lipschitz.layers === 0
        ? []
        : [['Lipschitz, largest norm / cap of a layer', number(report.lipschitz.largestRatio, 5)]]),
      ['seed', String(seed)],
      ['data', data?.data ?? provenance.source],
      ...(provenance.hash === undefined ? [] : [['SHA-256 of the cells', provenance.hash]]),
      ['started', provenance.created],
      ...(provenance.machine === undefined ? [] : [['machine', provenance.machine]]),
      ['options', JSON.stringify(options)],
    ],
  ),
});
