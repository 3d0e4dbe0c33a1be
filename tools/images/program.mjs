// `npm run measure -- images`: measures density models and classifiers of images with the command line, and the memory,
// the estimators and the norms of flows on images.
import { classify, CLASSIFIERS } from './classify.mjs';
import { DATA } from './data.mjs';
import { density, FLOWS } from './density.mjs';
import { bitsTable, imagesTexts } from './page.mjs';

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'images',
  about: 'Densities and classes of images; memory, estimators and norms of flows on images.',
  jobs: () => [
    ...modelJobs('density', FLOWS),
    ...modelJobs('classify', CLASSIFIERS),
    ...['memory', 'estimators', 'norms'].map((part) => ({ job: part, part })),
  ],
  run: async (job, { say }) => {
    if (job.part === 'density') return density(job);
    if (job.part === 'classify') return classify(job);
    return (await import(`./${job.part}.mjs`))[job.part](say);
  },
  pages: (records) => ({ 'docs/images.md': imagesTexts(records), 'docs/results.md': { images: bitsTable(records) } }),
};

/**
 * @param {string} part
 * @param {object} models
 */
function modelJobs(part, models) {
  return Object.keys(DATA).flatMap((data) =>
    Object.keys(models).map((model) => ({ job: `${part} ${data} ${model}`, part, data, model })),
  );
}
