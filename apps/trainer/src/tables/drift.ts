import { extname } from 'node:path';
import { unknownName, writeAtomically } from '@impflow/core';
import { assertNewFile } from '@impflow/jobs';
import type { AnyRow, Drift, DriftOptions as ModelDriftOptions } from 'impflow';
import { modelDrift, namedCauses, number, pairText, withError } from 'impflow/run';
import type { Answer, DriftOptions } from '../kinds/answer.ts';
import { note } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { driftPicture } from './drift-picture.ts';
import { partsOfRun, type LoadedTable } from './loaded-table.ts';
import { rowsOf, isSampler, cellsOf } from './rows-of.ts';

/** Compares the rows of a file with the test rows of a run, or with the rows of `--reference`. */
export const driftTable = async (run: LoadedTable, file: string, options: DriftOptions): Promise<Answer> => {
  const { by, reference, alarm, seed, picture, force } = options;
  if (picture !== undefined) {
    const extension = extname(picture).toLowerCase();
    if (extension !== '.png') throw unknownName('cli', `extension of --picture ${picture}`, extension, ['.png']);
    await assertNewFile(picture, { force, inputs: [file], others: ['.png'] });
  }
  const found = await driftOf(run, file, {
    alpha: alarm,
    seed,
    ...(by === undefined ? {} : { by }),
    ...(reference === undefined ? {} : { reference }),
  });
  for (const remark of found.remarks) note(options, remark);
  if (picture !== undefined) await writeAtomically(picture, await driftPicture(file, found));
  return {
    json: { file, ...driftJson(found), ...(picture === undefined ? {} : { picture }) },
    text: () =>
      [
        found.because,
        '',
        columnsText(found),
        ...pairLines(found),
        `Loss of the new rows minus loss of the reference rows: ${withError(found.nats.difference, found.nats.standardError)} nats`,
        `Picture: ${picture ?? '--picture drift.png'}`,
      ].join('\n'),
  };
};

/** Options of {@link driftOf}. `reference` names rows. */
type DriftOfOptions = Omit<ModelDriftOptions<AnyRow>, 'reference'> & { readonly reference?: string };

/** Compares the rows of a file with the test rows of a run, or with other rows. */
const driftOf = async (run: LoadedTable, file: string, { reference, ...options }: DriftOfOptions): Promise<Drift> => {
  const { rows: trained, contents, registries } = run;
  const rowsFrom = async (source: string) => {
    const rows = await rowsOf(source, registries);
    return isSampler(rows) ? cellsOf(source, registries, {}) : rows;
  };
  return modelDrift({ trained, contents, testRows: () => partsOfRun(run) }, await rowsFrom(file), {
    ...options,
    ...(reference === undefined ? {} : { reference: await rowsFrom(reference) }),
  });
};

/** Returns the result without the lists that have an entry for each row. */
export const driftJson = ({
  scores: _scores,
  stream: { rows: _rows, evidence: _evidence, ...stream },
  ...rest
}: Drift): object => ({ ...rest, stream });

const columnsText = ({ columns }: Drift): string =>
  table({
    head: ['column', 'largest change', 'p-value', 'nats given the others'],
    rows: columns.map(({ column, change, pValue, nats, standardError }) => [
      column,
      change,
      number(pValue, 2),
      Number.isNaN(nats) ? '-' : withError(nats, standardError),
    ]),
  });

const pairLines = (found: Drift): readonly string[] =>
  found.drifted ? namedCauses(found).pairs.map((pair) => `${pairText(pair)}: p = ${number(pair.pValue, 2)}`) : [];
