// Starts a job of one rank without mpirun, or prints the reason why it cannot start.
import { joinMpi } from '@impflow/mpi';

const [joined] = await Promise.allSettled([joinMpi()]);
const job = joined.status === 'fulfilled' ? joined.value : undefined;
console.log(job === undefined ? joined.reason.message : `${job.library}: rank ${job.rank} of ${job.ranks}`);
const traffic = job?.traffic();
await job?.close();
process.exitCode = job === undefined ? Number(joined.reason.code !== 'unsupported') : Number(job.ranks !== 1);
console.log(traffic === undefined ? 'no job' : JSON.stringify(traffic));
