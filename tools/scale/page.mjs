import { tableText } from '../markdown.mjs';
import { saturation, secondsOf } from './model.mjs';
// docs/scale.md, from docs/measured/scale.json and scale-mpi.json.
import { mpiSection } from './mpi-page.mjs';

/** @param {number} value @param {number} [digits] */
const number = (value, digits = 2) => Number(value.toPrecision(digits)).toLocaleString('en');
/** @param {readonly (readonly string[])[]} rows The head first. */
const table = ([head, ...rows]) => tableText(head, rows);

/** Rows of a part. */
const PART = 2 ** 18;
const BILLION = 1e9;
/** A shared file system that moves this many bytes a second. */
const BYTES_PER_SECOND = 1e9;

/** @param {number} seconds */
const time = (seconds) =>
  seconds < 120
    ? `${number(seconds)} s`
    : seconds < 7200
      ? `${number(seconds / 60)} min`
      : seconds < 172_800
        ? `${number(seconds / 3600)} h`
        : `${number(seconds / 86_400)} days`;

/** @param {readonly { name: string; peak: number }[]} peaks */
const memory = (peaks) => {
  /** @type {Record<string, string>} */
  const NAMES = { 'impflow.mjs': 'command', 'task-process.js': 'process' };
  return peaks.map(({ name, peak }) => `${NAMES[name] ?? name} ${peak}`).join(', ');
};

/**
 * The page.
 *
 * @param {any} found What `run.mjs` measured.
 * @param {any} [mpi] What `mpi.mjs` measured.
 */
export const scalePage = (found, mpi) => {
  const { machine, versions, small, large, csv, startSeconds, tasksPerSecond } = found;
  const { cores } = machine;
  const [one] = large.queue;
  // From the large table, so that the runs with one to four processes are a test.
  const efficiency = large.local.rowsPerSecond / (cores * one.rowsPerSecond);
  /** @param {string} command */
  const model = (command) => {
    const alone = small.find((/** @type {any} */ one) => one.command === command && one.workers === 1);
    return { startSeconds, efficiency, rowsPerCore: alone.rows / (alone.seconds - startSeconds) };
  };
  const models = { score: model('score'), sample: model('sample') };
  const checks = small.map((/** @type {any} */ { command, workers, rows, seconds, peakOfAll }) => {
    const said = secondsOf(models[/** @type {'score' | 'sample'} */ (command)], { rows, processes: workers, cores });
    return [
      command,
      String(workers),
      number(rows / seconds, 3),
      number(seconds, 3),
      number(said, 3),
      `${said > seconds ? '' : '+'}${number((100 * (seconds - said)) / said, 2)} %`,
      String(peakOfAll),
    ];
  });
  const rates = { ...models.score, tasksPerSecond, bytesPerRow: (large.bytesIn + large.bytesOut) / large.rows };
  const limits = saturation(rates, { rowsPerPart: PART, bytesPerSecond: BYTES_PER_SECOND });
  const billions = [1, 10, 100].map((machines) => [
    String(machines),
    ...['score', 'sample'].map((command) =>
      time(
        secondsOf(models[/** @type {'score' | 'sample'} */ (command)], {
          rows: BILLION,
          processes: cores,
          cores,
          machines,
        }),
      ),
    ),
  ]);
  const through = [
    ['one machine, no queue', '', number(large.local.rowsPerSecond, 3), '', memory(large.local.peaks)],
    ...large.queue.map((/** @type {any} */ one) => [
      'queue',
      String(one.workers),
      number(one.rowsPerSecond, 3),
      one.same ? 'yes' : '**no**',
      memory(one.peaks),
    ]),
  ];
  return `# Beyond one machine

Most work needs one machine: \`score\` and \`sample\` use all its cores, and memory does not grow with the file. More machines are reached by engines that clusters have already:

| job | on one machine | on several |
| --- | --- | --- |
| score or draw any number of rows | \`--out\` with a folder | a queue on Redis or Valkey (\`--queue\`), or processes that share a folder (\`--share\`) |
| search over the options of \`train\` | [\`sweep\`](guide/sweep.md) | \`sweep --queue\` |
| train one model | \`train --workers\` | \`mpirun … train --workers mpi\` |

Everything here that computes goes on after the death of any process: of a worker, of Redis, of the command that submits ([tests](../apps/trainer/test/services/queue.test.ts) kill each of them). The same command, given again, goes on where it was.

## Large tables on one machine

\`\`\`sh no-run="a file of your own"
npx impflow score runs/mine big.parquet --out scores/          # a folder, a pattern such as "days/*.csv" and an address work too
npx impflow sample runs/mine -n 1000000000 --out samples/
\`\`\`

A part has at most ${PART.toLocaleString('en')} rows, or 2 MiB of a CSV. Each part is a file in the folder, and appears when it is whole; \`manifest.json\` comes last. \`--workers\` sets the number of processes, \`--part-rows\` and \`--part-bytes\` the size of a part. With \`--out scores.csv\` the parts are joined into one file.

Measured: a CSV of ${number(csv.rows)} rows, ${number(csv.bytes / 1e9)} GB: ${number(csv.rowsPerSecond, 3)} rows per second on ${cores} cores, and at most ${csv.peakOfAll} MB of memory in all processes together (${memory(csv.peaks)}). It says meanwhile:

\`\`\`text
${csv.line}
\`\`\`

## A queue

The package \`@impflow/queue\` brings BullMQ. In a clone, \`npm run setup:scale\` installs it; \`npm start\` and \`npm test\` do without. Redis is a package of every system (Debian: \`apt-get install redis-server\`).

\`\`\`sh no-run="starts servers"
redis-server --bind 127.0.0.1 --appendonly yes --maxmemory-policy noeviction --daemonize yes
for i in 1 2; do npm run -s impflow -- worker --queue redis://127.0.0.1:6379 --root "$PWD" & done
npm run -s impflow -- score runs/mine big.parquet --out scores --queue redis://127.0.0.1:6379
\`\`\`

\`npm run setup:scale\` comes first. A table of this size is made by \`node tools/scale/table.mjs --rows 10000000 --out big.parquet\`. All workers and the command need the same files at the same paths, or at an \`http(s)\` address.

Measured on a table of ${number(large.rows)} rows of three columns, ${number(large.bytesIn / 1e6, 3)} MB of Parquet:

${table([['', 'workers', 'rows/s', 'the same bytes as one machine', 'peak memory, MB'], ...through])}

A worker computes one task at a time, unless \`--concurrency\` says more, in a process that it watches. After Ctrl-C or SIGTERM it finishes its tasks, or gives them back after \`--grace\` seconds. A worker that is killed or stands still is found by the end of its lock (\`--lock\`, 30 seconds), and its tasks are given to others; if it wakes up again it writes the same bytes as the others, so nothing is spoiled.

**Security.** Whoever can write to the queue can have the workers read and write files. So: Redis at 127.0.0.1 or in a closed network, a password (\`redis://:password@host\`), TLS (\`rediss://\`) across networks. A worker takes only tasks of a fixed form, without commands or modules; it loads plugins of its own \`--plugin\` only; it reads and writes only within its \`--root\`, links followed.

## What it costs

One process scores ${number(models.score.rowsPerCore, 3)} rows per second on a core of this machine, and draws ${number(models.sample.rowsPerCore, 3)}; with ${found.model}; it needs ${number(startSeconds, 2)} s to start. All ${cores} cores together are ${number(efficiency)} times as fast as ${cores} alone: they share caches and memory. The model of a job is its start, and its rows divided among the cores:

\`seconds = start × max(1, processes / cores) + rows / (rows per second of a core × cores × ${number(efficiency)} × machines)\`

Checked with one to four processes on ${cores} cores, in short jobs. Start and rate come from the runs with one process, the factor from the large table above:

${table([['command', 'processes', 'rows/s', 'seconds', 'model', 'difference', 'memory of all, MB'], ...checks])}

More processes than cores gain nothing. The rest of the difference is the end of a short job, where a process waits for the other.

A billion rows, by this model, on machines of ${cores} such cores:

${table([['machines', 'scoring', 'sampling'], ...billions])}

What all machines share is used up at:

| shared | measured | used up at |
| --- | --- | --- |
| Redis | ${number(tasksPerSecond)} tasks per second, each a part of ${PART.toLocaleString('en')} rows | ${number(limits.redis)} cores |
| file system | ${number(rates.bytesPerRow)} bytes per row, read and written | ${number(limits.files)} cores, at ${number(BYTES_PER_SECOND / 1e9)} GB per second |

The file system is the first limit. Larger models use more time per row, and so more cores before that.

${mpi === undefined ? '' : mpiSection(mpi)}

## Kubernetes and Slurm

[Redis, workers and a job that submits](scale/kubernetes-queue.yaml), and [an indexed job whose pods share a folder](scale/kubernetes-shares.yaml) were **not run**: there was no cluster to try them on. [A batch script](scale/slurm.sh) for training under Slurm ran on one node. A job array of Slurm shares a folder in the same way: \`--share "$((SLURM_ARRAY_TASK_ID + 1))/$SLURM_ARRAY_TASK_COUNT"\`.

---

Measured by \`npm run scale\` on ${machine.cpu}, ${cores} cores, ${machine.memoryGiB} GiB, Node ${versions.node}, commit ${versions.impflow}. The page: \`npm run scale -- --markdown docs/scale.md\`. Why parts, files and tasks are as they are: [decision 027](decisions/027-jobs-in-parts.md).
`;
};
