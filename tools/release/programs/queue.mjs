// Prints whether equal tasks have equal names, and the error of a worker without Redis.
import { queueRunner, startWorker, taskId } from '@impflow/queue';

const same = taskId({ part: 1, of: 2 }) === taskId({ of: 2, part: 1 });
const url = 'redis://127.0.0.1:1';
const refused = await Promise.allSettled([queueRunner({ url }), startWorker({ url, handler: async () => 'done' })]);
console.log(`equal tasks have one name: ${same}; without Redis: ${refused[0].reason.message}`);
process.exitCode = same && refused.every(({ status }) => status === 'rejected') ? 0 : 1;
