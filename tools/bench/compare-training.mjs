import { fileURLToPath } from 'node:url';
import { whyNot as whyNotNative } from '../native/installed.mjs';
import { contend } from './contender.mjs';
import { peerEnvironment } from './python.mjs';
import { result } from './result.mjs';
import { BLOCKS, trainingGroups } from './rows.mjs';
import { operations } from './operations.mjs';
import { race } from './race.mjs';
import { median } from './statistics.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** `{ results, evaluations }` of all training jobs. */
export const compareTraining = async (options) => {
  const results = [];
  const evaluations = [];
  for (const { preset, batch, rows } of trainingGroups) {
    const some = rows.filter(({ name }) => options.wanted(name));
    if (some.length === 0) continue;
    const contenders = new Map(some.flatMap(({ of, rival }) => [of, rival]).map((each) => [each.label, each]));
    const racers = await race([...contenders.values()].flatMap(starters({ preset, batch, ...options })), options, `${preset}, batch ${batch}`);
    for (const { name, of, rival, bound } of some) {
      const [mine, theirs] = [racers.get(of.label), racers.get(rival.label)];
      const { counts, weights } = mine?.conclusion ?? {};
      results.push(result({
        name, bound, cores: of.workers,
        ...(mine === undefined ? {} : { ours: median(mine.seconds) }),
        ...(counts === undefined || !(preset in BLOCKS) ? {} : { flops: operations({ counts, weights, batch }) * BLOCKS[preset], peak: Object.values(options.peak)[0] }),
        ...(theirs === undefined ? {} : { rival: median(theirs.seconds) }),
      }));
    }
    for (const [label, { conclusion: { counts, solverSteps } }] of racers) if (counts !== undefined) evaluations.push({ job: `${preset}, batch ${batch}`, side: label, ...counts, solverSteps });
  }
  return { results, evaluations };
};

/** How to start a contender of a job: none where it cannot run here. */
const starters = ({ preset, batch, quick, python }) => ({ label, workers, often, native, threads, products }) => {
  if (products !== undefined) return [() => contend(label, process.execPath, [here('products.mjs'), '--workers', String(products)])];
  const job = ['--preset', preset, '--batch', String(batch), '--warmup', quick ? '3' : '100'];
  if (native && whyNotNative() !== undefined) return [];
  if (workers !== undefined) return [() => contend(label, process.execPath, [here('training.mjs'), ...job, '--workers', String(workers), ...(often ? ['--often'] : []), ...(native ? ['--native'] : [])])];
  if (python === undefined) return [];
  return [() => contend(label, python.command, [here('peer.py'), ...job, '--threads', String(threads), '--serve'], peerEnvironment(threads))];
};

