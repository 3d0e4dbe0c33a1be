import { extname } from 'node:path';
import { FlowError, unknownName, writeAtomically } from '@impflow/core';
import { assertNewFile, withNamesOf } from '@impflow/jobs';
import { completeRows, pickValues, readingFor, valuesOf, type Frame, type Values } from '@impflow/tables';
import type { Report } from 'impflow';
import {
  FEWEST_COMPARED,
  rowCount,
  judgeSynthetic,
  modelDrift,
  number,
  realRows,
  type SyntheticReport,
  type TableContents,
  type TableParts,
} from 'impflow/run';
import { nameOf } from '../../dataset/places.ts';
import type { Answer, ReportOptions } from '../../kinds/answer.ts';
import { note } from '../../terminal/output.ts';
import { driftPicture } from '../drift-picture.ts';
import { driftJson } from '../drift.ts';
import { partsOfRun, type LoadedTable } from '../loaded-table.ts';
import { verdict } from '../losses-text.ts';
import { densityPicture, drawsFor } from '../pictures.ts';
import { cellsOf } from '../rows-of.ts';
import { rowsOfRun, type RowsToDraw } from '../rows-to-draw.ts';
import { driftSection } from './drift-section.ts';
import { html, htmlPage, type Html, type Section } from './html.ts';
import { assumedSection, madeSection, qualitySection } from './learned-sections.ts';
import { drawnSection, oddestRows, oddSection, type ShownRows } from './rows-sections.ts';
import { syntheticSection } from './synthetic-section.ts';

/** Rate of false alarms of the test for drift. */
const ALPHA = 0.01;

/**
 * Writes a report on a run as one HTML file, which needs no network: what was read and assumed, how good the model is,
 * rows beside draws, and the oddest rows with reasons. With `rows`, the report shows these rows instead of the test rows, and
 * tests whether they have the distribution of the test rows.
 * With `synthetic`, it also compares synthetic rows with the real rows.
 *
 * @throws `option` for a run whose training did not end, and for a run that does not name its data.
 */
export const reportTable = async (
  run: LoadedTable,
  rows: string | undefined,
  options: ReportOptions,
): Promise<Answer> => {
  const { contents, checkpoint, paths } = run;
  const { out = paths.report, synthetic, force } = options;
  const inputs = [rows, synthetic].filter((file) => file !== undefined);
  if (extname(out).toLowerCase() !== '.html')
    throw unknownName('cli', `extension of --out ${out}`, extname(out), ['.html']);
  await assertNewFile(out, { others: ['.html'], force: force === true || out === paths.report, inputs });
  const { report } = contents;
  if (report === undefined)
    throw new FlowError('option', 'cli', `The run in ${paths.folder} has no results`, {
      expected: 'a run whose training ended',
      got: 'a training that was interrupted, or an imported model',
      hint: 'Finish its training first: impflow train --resume.',
    });
  const parts = await partsOfRun(run);
  const [drawn, shown, frame] = rows === undefined ? ofRun(parts) : await ofFile(run, rows, options);
  const samples = drawsFor(run.density, drawn, checkpoint.seed);
  const picture = await densityPicture(run, drawn, samples, rows);
  const odd = oddestRows(run, shown, options.quiet ?? false);
  const canCompare = Math.min(shown.values.rows, rowCount(parts.test)) >= FEWEST_COMPARED;
  const drift =
    frame === undefined || !canCompare
      ? undefined
      : await modelDrift({ trained: run.rows, contents, testRows: () => Promise.resolve(parts) }, frame, {
          alpha: ALPHA,
          seed: checkpoint.seed,
        });
  const judged = synthetic === undefined ? undefined : await judgedSynthetic(run, parts, synthetic, options);
  const sections: readonly Section[] = [
    assumedSection(report),
    qualitySection(report),
    drawnSection(run, shown, samples, picture),
    oddSection(odd, shown),
    ...(drift === undefined || rows === undefined
      ? []
      : [driftSection(drift, nameOf(rows), await driftPicture(rows, drift))]),
    ...(judged === undefined || synthetic === undefined ? [] : [syntheticSection(judged, nameOf(synthetic))]),
    madeSection({ ...(contents as TableContents), report }, checkpoint.seed),
  ];
  const bytes = new TextEncoder().encode(htmlPage(titleOf(contents), leadOf(report, contents, shown), sections));
  await writeAtomically(out, bytes);
  return {
    json: {
      run: paths.folder,
      out,
      bytes: bytes.length,
      odd,
      ...(drift === undefined ? {} : { drift: driftJson(drift) }),
      ...(judged === undefined ? {} : { synthetic: judged }),
    },
    text: () => [...syntheticLines(judged), `${number(bytes.length / 1000, 3)} kB written to ${out}`].join('\n'),
  };
};

const titleOf = ({ data }: LoadedTable['contents']): string =>
  `Report: ${data === undefined ? 'a table' : nameOf(data.data)}`;

const leadOf = (report: Report, { provenance }: LoadedTable['contents'], { source, name }: ShownRows): Html => {
  const { train, validation, test } = provenance?.rows ?? {};
  const modelled = report.columns.filter(({ is, given }) => is !== 'left out' && is !== 'weights' && !given).length;
  return html`<p>
      <strong>${report.won}</strong>, a density of ${number(modelled)} columns, learned from ${number(train)} rows.
      ${number(validation)} validation rows chose its options, ${number(test)} test rows judge it.
    </p>
    <p>${verdict(report, 'The model')}</p>
    <p class="soft">The sections “Rows and draws” and “The oddest rows” are about ${name} of ${source}.</p>`;
};

/** Rows of the picture, rows of the sections, and all cells of the file if the rows come from a file. */
type Shown = readonly [RowsToDraw, ShownRows, Frame?];

const ofRun = (parts: TableParts): Shown => {
  const drawn = rowsOfRun(parts);
  return [drawn, { values: drawn.values, name: drawn.names.data, source: drawn.source, isTest: true }];
};

const ofFile = async (run: LoadedTable, file: string, options: ReportOptions): Promise<Shown> => {
  const { values, places, frame } = await completeIn(run, file, options);
  const name = `${number(values.rows)} ${values.rows === 1 ? 'row' : 'rows'} without gaps`;
  return [
    { values, names: { data: name }, title: 'rows', source: file },
    { values, name, source: file, isTest: false, places },
    frame,
  ];
};

/** Reads the rows of a file, and leaves out rows with gaps. `places` are the indices of the other rows in the file. */
const completeIn = async (
  { density, registries }: LoadedTable,
  file: string,
  options: ReportOptions,
): Promise<{ readonly values: Values; readonly places: Uint32Array; readonly frame: Frame }> => {
  const { columns } = density.spec;
  const { columns: names, categories } = readingFor(columns);
  const frame = withNamesOf(await cellsOf(file, registries, { ...options, categories, columns: names }), names);
  const read = valuesOf(frame, columns);
  for (const remark of [...(frame.remarks ?? []), ...read.remarks]) note(options, remark);
  const complete = completeRows(read, density.layout);
  if (complete.length === 0)
    throw new FlowError('input', 'cli', `No row without gaps in ${file}`, {
      expected: 'at least one',
      got: `${number(read.rows)} rows with gaps`,
      hint: 'Fill the gaps first: impflow impute.',
    });
  if (complete.length < read.rows)
    note(
      options,
      `${number(read.rows - complete.length)} of ${number(read.rows)} rows of ${file} have gaps and are left out.`,
    );
  return { values: pickValues(read, complete), places: complete, frame };
};

const judgedSynthetic = async (
  run: LoadedTable,
  parts: TableParts,
  file: string,
  options: ReportOptions,
): Promise<SyntheticReport> => {
  const { values } = await completeIn(run, file, options);
  return judgeSynthetic(
    run.density.spec.columns,
    { ...realRows(parts), synthetic: values },
    { seed: run.checkpoint.seed, distinct: parts.distinct },
  );
};

const syntheticLines = (judged: SyntheticReport | undefined): readonly string[] =>
  judged === undefined
    ? []
    : [
        judged.revealsTraining
          ? 'The synthetic rows reveal training rows: see the section on privacy.'
          : 'No sign of copied training rows among the synthetic rows.',
        `A classifier assigns ${number(100 * judged.classifier.accuracy, 3)} % of the rows correctly to real and synthetic; 50 % is chance.`,
      ];
