#!/usr/bin/env node
import { watchRank } from '../dist/cli/watch-rank.js';

// Standard error may be closed, for example because its reader is `head -1` or because the terminal was closed. The
// command continues, and its results are saved.
process.stderr.on('error', () => {});
process.stdout.on('error', ({ code }) => {
  // A reader that closes standard output early, such as `head`, does not cause an error.
  if (code === 'EPIPE') process.exit();
  process.stderr.write(
    `[cli] Cannot write to standard output: expected room for the result, got ${code}. Free some space, or write to another place.\n`,
  );
  process.exit(1);
});
const args = process.argv.slice(2);
const watched = await watchRank(args);
if (watched !== undefined) process.exitCode = watched;
else {
  // If a parent process opened a channel, it receives the error with its code through this channel. If the parent
  // process ends, this process ends too.
  if (process.channel !== undefined) {
    process.on('disconnect', () => process.kill(process.pid, 'SIGHUP'));
    process.channel.unref();
  }
  // `main` is loaded late, because a process that only watches another process does not need it.
  const { main } = await import('../dist/index.js');
  process.exitCode = await main(args, { onError: ({ code, message }) => process.send?.({ code, message }) });
}
