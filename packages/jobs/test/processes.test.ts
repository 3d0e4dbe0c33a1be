import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive, startOf } from '../src/folder/processes.ts';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe.skipIf(platform() !== 'linux')('a process', () => {
  it('`isAlive` returns true until the process ends, and false for a record with a different start time', async () => {
    const child = spawn('sleep', ['60']);
    children.push(child);
    const pid = child.pid!;
    expect(isAlive({ pid })).toBe(true);
    expect(isAlive({ pid, started: startOf(pid) })).toBe(true);
    expect(isAlive({ pid, started: '1' })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive({ pid })).toBe(false);
  });

  it('`isAlive` returns false for an ended process whose parent has not read its exit code', async () => {
    // `exec` replaces the shell by another program, which did not start the child and never reads its exit code.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60']);
    children.push(parent);
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(said));
    while (isAlive({ pid })) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(startOf(pid)).toMatch(/^\d+$/);
    expect(() => process.kill(pid, 0)).not.toThrow();
  });
});
