// `npm run measure -- study`: measures models and detectors (contenders) on the same rows, with equal training time.
import { COMPARED, compared } from './compare.mjs';
import { CONTENDERS } from './contenders.mjs';
import { curvesPicture, PICTURES } from './curves.mjs';
import { longTexts, studyTexts } from './page.mjs';
import { readNumbers, scoresFile } from './places.mjs';
import { prepared } from './prepare.mjs';
import { studyPython } from './python.mjs';
import { BUDGET, checkedRecords, jobsOf, LONG } from './records.mjs';
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
    seconds: {
      value: [BUDGET],
      help: 'seconds per training on one thread; processor seconds for Python; several make a job each',
    },
  },
  jobs: ({ seeds, seconds }) => jobsOf({ sources: SOURCES_HERE, contenders: CONTENDERS, seeds, budgets: seconds }),
  missing: (_values, jobs) =>
    !studyPython.ready() &&
    jobs.some(({ data, contender }) => CONTENDERS[contender].python === true || needsPython(SOURCES[data]))
      ? 'The contenders in Python are not set up. Run: npm run setup:study'
      : undefined,
  run: (job) => measure(job),
  pages: (found) => {
    const all = checkedRecords(found);
    const records = all.filter(({ budget }) => budget === BUDGET);
    const long = all.filter(({ budget }) => budget === LONG);
    const [{ comparisons, gaps }, inLong] = [compared(records), compared(long)];
    const pictures = Object.entries(PICTURES).flatMap(([name, picture]) => {
      const png = curvesPicture({ records, sources: SOURCES, ...picture });
      return png === undefined ? [] : [[`docs/figures/${name}.png`, png]];
    });
    return {
      'docs/study.md': {
        ...studyTexts({ records, contenders: CONTENDERS, sources: SOURCES, comparisons }),
        ...longTexts({ records: long, contenders: CONTENDERS, sources: SOURCES, comparisons: inLong.comparisons }),
      },
      'README.md': { densities: densitiesTable(records) },
      'docs/results.md': { anomalies: anomaliesTable(records), blocks: blocksTable(comparisons) },
      ...Object.fromEntries(pictures),
      [COMPARED]: [...gaps, ...inLong.gaps].map((each) => `${JSON.stringify(each)}\n`).join(''),
    };
  },
};

/** @param {Job} job */
const measure = async (job) => {
  const found = await prepared(job.data, job.seed);
  const spent = await CONTENDERS[job.contender].measure(job, found);
  const scores = readNumbers(scoresFile(job));
  const { rows, columns, logScale, split, steps, anomaly, normal } = found;
  if (scores.length !== rows.test)
    throw new Error(
      `${job.contender} wrote ${scores.length} numbers: expected one for each of ${rows.test} test rows.`,
    );
  const odd = scores.map((score) => -score);
  return {
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
