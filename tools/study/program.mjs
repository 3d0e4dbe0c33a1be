// `npm run measure -- study`: measures models and detectors (contenders) on the same rows, with equal training time.
import { COMPARED, compared } from './compare.mjs';
import { CONTENDERS } from './contenders.mjs';
import { curvesPicture, PICTURES } from './curves.mjs';
import { studyTexts } from './page.mjs';
import { readNumbers, scoresFile } from './places.mjs';
import { prepared } from './prepare.mjs';
import { studyPython } from './python.mjs';
import { checkedRecords, jobsOf } from './records.mjs';
import { needsPython, SOURCES, SOURCES_HERE } from './sources.mjs';
import { heldOut, ranking } from './statistics.mjs';
import { anomaliesTable, blocksTable, densitiesTable } from './summaries.mjs';

/** @import { Job } from './records.mjs' */

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'study',
  about:
    'Our flows, other flows, mixtures and detectors of anomalies on the same rows, for equal seconds. IMPFLOW_STUDY_DATA ' +
    'names a folder with the files of POWER, GAS, HEPMASS, MINIBOONE and BSDS300 (see published.py).',
  options: {
    seeds: { value: [1, 2, 3], help: 'seeds of the splits and the trainings; the defaults were chosen with 0' },
    seconds: { value: 60, help: 'seconds per training on one thread; processor seconds for Python' },
  },
  jobs: ({ seeds }) => jobsOf({ sources: SOURCES_HERE, contenders: CONTENDERS, seeds }),
  missing: (_values, jobs) =>
    !studyPython.ready() &&
    jobs.some(({ data, contender }) => CONTENDERS[contender].python === true || needsPython(SOURCES[data]))
      ? 'The contenders in Python are not set up. Run: npm run setup:study'
      : undefined,
  run: (job, { values }) => measure(job, values.seconds),
  pages: (found) => {
    const records = checkedRecords(found);
    const { comparisons, gaps } = compared(records);
    const pictures = Object.entries(PICTURES).flatMap(([name, picture]) => {
      const png = curvesPicture({ records, sources: SOURCES, ...picture });
      return png === undefined ? [] : [[`docs/figures/${name}.png`, png]];
    });
    return {
      'docs/study.md': studyTexts({ records, contenders: CONTENDERS, sources: SOURCES, comparisons }),
      'README.md': { densities: densitiesTable(records) },
      'docs/results.md': { anomalies: anomaliesTable(records), blocks: blocksTable(comparisons) },
      ...Object.fromEntries(pictures),
      [COMPARED]: gaps.map((each) => `${JSON.stringify(each)}\n`).join(''),
    };
  },
};

/**
 * @param {Job} job
 * @param {number} budget
 */
const measure = async (job, budget) => {
  const found = await prepared(job.data, job.seed);
  const spent = await CONTENDERS[job.contender].measure(job, { ...found, seconds: budget });
  const scores = readNumbers(scoresFile(job));
  const { rows, columns, logScale, split, steps, anomaly, normal } = found;
  if (scores.length !== rows.test)
    throw new Error(
      `${job.contender} wrote ${scores.length} numbers: expected one for each of ${rows.test} test rows.`,
    );
  const odd = scores.map((score) => -score);
  return {
    budget,
    ...(normal === undefined
      ? { heldOut: heldOut(scores) }
      : { anomalies: { ...ranking(odd, normal), normal, rows: scores.length } }),
    ...spent,
    rows,
    columns,
    logScale,
    split,
    ...(steps === undefined ? {} : { noise: steps }),
    ...(anomaly === undefined ? {} : { anomaly }),
  };
};
