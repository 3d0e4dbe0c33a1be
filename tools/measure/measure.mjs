// Runs a measurement program: chooses its jobs, keeps a record of each job, and writes pages from the records.
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, versions } from '../bench/machine.mjs';
import { keepLine, readLines } from '../json-lines.mjs';
import { messageOf } from '../message-of.mjs';
import { COMMON, helpOf, parsed, WrongArguments } from './arguments.mjs';
import { withMeasured } from './page.mjs';

/** @import { Options } from './arguments.mjs' */

/** @typedef {{ readonly job: string }} Job A job: its name, and further fields that the program reads. */
/**
 * Files by path from the root. A file is bytes, a string, or a record of strings by name, which replace the parts of a
 * page between its marks (see page.mjs). A string with the path '' is printed.
 *
 * @typedef {Readonly<Record<string, string | Uint8Array | Readonly<Record<string, string>>>>} Files
 */

/**
 * A measurement program. Every job gives one record, a line of JSON with the machine, the versions and the date.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} about Description of the measurement, in one sentence.
 * @property {Options} [options]
 * @property {(values: Record<string, any>) => readonly (Job & Record<string, any>)[]} jobs
 * @property {(values: Record<string, any>, jobs: readonly any[]) => string | undefined} [missing] Returns, in one
 * sentence, which set-up these jobs lack; undefined if nothing is missing.
 * @property {(job: any, context: { values: Record<string, any>; say: (what: string) => void }) => Promise<object>} run
 * Returns the record of a job. The field `absent` of a record contains the reason why the job cannot run on this
 * machine. The next run tries a job with this field again.
 * @property {(records: readonly any[]) => Files | Promise<Files>} pages Returns the files to write. The records are in
 * the order of the jobs.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a program with the given arguments, and returns the exit code: 1 if a job failed, 2 for wrong arguments.
 *
 * @param {Program} program
 * @param {readonly string[]} args
 * @param {{ log: (text: string) => void; error: (text: string) => void }} [output]
 */
export const measure = async (program, args, output = console) => {
  const started = performance.now();
  /** @param {string} what */
  const say = (what) =>
    output.error(`[${program.name}] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}`);
  const options = { ...COMMON, ...program.options };
  try {
    const values = parsed(args, options);
    if (values.help) {
      output.log(`npm run measure -- ${program.name} [options]\n${program.about}\n\n${helpOf(options)}`);
      return 0;
    }
    const file = values.out || join(root, `docs/measured/${program.name}.jsonl`);
    if (values.markdown) await writePages(program, file, values.out !== '', say, output);
    else return await runJobs(program, values, file, say, output);
    return 0;
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    output.error(`[${program.name}] ${error.message}`);
    return 2;
  }
};

/** @typedef {(what: string) => void} Say */

/**
 * @param {Program} program
 * @param {string} file
 * @param {boolean} onlyPrint
 * @param {Say} say
 * @param {{ log: Say }} output
 */
const writePages = async (program, file, onlyPrint, say, output) => {
  const records = readLines(file);
  if (records.length === 0)
    throw new WrongArguments(
      `No records in ${relative('.', file)}: expected some. Run: npm run measure -- ${program.name}`,
    );
  for (const [path, content] of Object.entries(await program.pages(records))) {
    const isPage = typeof content !== 'string' && !(content instanceof Uint8Array);
    const text = isPage ? withMeasured(path, content) : content;
    if (path !== '' && !onlyPrint) {
      writeFileSync(join(root, path), text);
      say(`${path} written`);
    } else if (isPage || path === '') output.log(String(text));
  }
};

/**
 * @param {Program} program
 * @param {Record<string, any>} values
 * @param {string} file
 * @param {Say} say
 * @param {{ log: Say }} output
 */
const runJobs = async (program, values, file, say, output) => {
  const all = program.jobs(values);
  // Names of jobs may contain commas, so the text is first compared without splitting it at commas.
  const words = all.some(({ job }) => job.includes(values.only)) ? [values.only] : values.only.split(',');
  const chosen = all.filter(({ job }) => words.some((/** @type {string} */ word) => job.includes(word)));
  if (chosen.length === 0)
    throw new WrongArguments(
      `Wrong --only: expected parts of ${all.map(({ job }) => job).join(', ')}; got "${values.only}".`,
    );
  const done = new Set(readLines(file).flatMap(({ job, absent }) => (absent === undefined ? [job] : [])));
  const jobs = values.again ? chosen : chosen.filter(({ job }) => !done.has(job));
  if (values.list) {
    for (const { job } of jobs) output.log(job);
    return 0;
  }
  const missing = jobs.length === 0 ? undefined : program.missing?.(values, jobs);
  if (missing !== undefined) throw new WrongArguments(missing);
  say(`${jobs.length} of ${chosen.length} jobs to measure; the others have a record in ${relative('.', file)}`);
  const order = program.jobs(parsed([], { ...COMMON, ...program.options })).map(({ job }) => job);
  let [next, failed] = [0, 0];
  const work = async () => {
    while (next < jobs.length) {
      const at = next++;
      const { job } = jobs[at];
      try {
        keepLine(file, await recordOf(program, jobs[at], values, say), order);
        say(`${at + 1} of ${jobs.length}, ${job}: done`);
      } catch (error) {
        failed++;
        say(`${at + 1} of ${jobs.length}, ${job}: failed. ${messageOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(values.jobs, jobs.length) }, work));
  if (failed > 0) say(`${failed} of ${jobs.length} jobs failed. The same command tries them again.`);
  return failed > 0 ? 1 : 0;
};

/**
 * @param {Program} program
 * @param {Job} job
 * @param {Record<string, any>} values
 * @param {Say} say
 */
const recordOf = async (program, job, values, say) => {
  const load = Number(loadavg()[0].toFixed(2));
  if (load > 1) say(`${job.job}: the load of this machine is ${load}, so times may be too long`);
  const began = performance.now();
  const { versions: others = {}, ...found } = /** @type {Record<string, any>} */ (
    await program.run(job, { values, say: (what) => say(`${job.job}: ${what}`) })
  );
  return {
    ...job,
    ...found,
    // The result may have fields with the names of fields of the job. The fields of the job come last, so that they
    // replace the fields of the result.
    ...job,
    load,
    minutes: Number(((performance.now() - began) / 60_000).toFixed(2)),
    machine: machine(),
    versions: { ...versions(), ...others },
    date: new Date().toISOString().slice(0, 10),
  };
};
