// A separate process that submits test tasks: `node submitter.mjs '{"url": …}'`. The process writes all results to
// standard output as one JSON value.
import { queueRunner } from '../../dist/index.js';

const { url, tasks } = JSON.parse(process.argv[2] ?? '{}');
const runner = await queueRunner({ url });
process.stdout.write('submitting\n');
const results = await Promise.all(tasks.map((/** @type {unknown} */ task) => runner.run(task)));
process.stdout.write(`${JSON.stringify(results)}\n`);
await runner.close();
