import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { noMpi, noMpich, startMpiJob, type MpiJob } from '../../../testkit/private/mpi.mjs';
import { libraryNames, loadLibrary } from '../../src/library.ts';

const program = fileURLToPath(new URL('../fixtures/job.mjs', import.meta.url));
let job: MpiJob | undefined;
afterEach(() => job?.end());

interface Heard {
  readonly ranks: number;
  readonly library: string;
  readonly places: readonly string[];
  readonly first: readonly object[];
  readonly second: readonly object[];
  readonly kept: readonly number[];
  readonly large: readonly number[];
  readonly deaths: readonly object[];
}

describe.each([
  ['openmpi', 'Open MPI', noMpi],
  ['mpich', 'MPICH', noMpich],
] as const)('an MPI job under %s', (library, name, missing) => {
  it.skipIf(missing !== undefined)(
    `rank 0 exchanges messages with four workers on the ranks 1 and 2${missing === undefined ? '' : `: ${missing}`}`,
    async () => {
      job = startMpiJob(3, [program, '3'], { library });
      const { code, stdout, stderr } = await job.exited;
      expect([code, stderr]).toEqual([0, '']);
      const { ranks, library: found, places, first, second, kept, large, deaths } = JSON.parse(stdout) as Heard;
      expect([ranks, found]).toEqual([3, name]);
      expect(places.map((place) => place.replace(/on .*, process \d+$/, ''))).toEqual([
        'rank 1 ',
        'rank 1 ',
        'rank 2 ',
        'rank 2 ',
      ]);
      expect(first).toEqual(
        [0, 1, 2, 3].map((i) => ({
          name: `worker ${i}`,
          numbers: [String(i), 'NaN'],
          kind: 'SharedArrayBuffer',
          sum: 5_000_001,
        })),
      );
      expect(second).toEqual(Array.from({ length: 4 }, () => ({ kind: 'SharedArrayBuffer', sum: 10_000_002 })));
      expect(kept).toEqual([0, 100, 200, 300]);
      expect(large).toEqual(Array(4).fill(2_100_000));
      expect(deaths).toEqual([{ reason: 'exit code 3' }]);
    },
  );
});

describe.skipIf(noMpi !== undefined)(`joinMpi${noMpi === undefined ? '' : `: ${noMpi}`}`, () => {
  it('joinMpi works in a job with only one rank', async () => {
    job = startMpiJob(1, [program, '1']);
    const { code, stdout } = await job.exited;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ranks: 1, places: [], first: [] });
  });

  it('joinMpi throws if the MPI library reports fewer ranks than were started', async () => {
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [program, '2'], (_error, _stdout, stderr) => resolve(stderr));
    });
    expect(said).toContain('[mpi/joinMpi] Open MPI found a wrong number of ranks: expected 2, got 1. Start');
    expect(said).toContain("code: 'unsupported'");
  });
});

describe('the choice of the MPI library', () => {
  it('the environment variables of mpirun or srun determine which MPI library is loaded', () => {
    expect(libraryNames({})[0]).toBe('libmpi.so.40');
    expect(libraryNames({ PMI_RANK: '0' })[0]).toBe('libmpich.so.12');
    expect(libraryNames({ PMI_RANK: '0', OMPI_COMM_WORLD_RANK: '0' })[0]).toBe('libmpi.so.40');
  });

  it('without an MPI library, the error lists the searched files and the package to install', async () => {
    await expect(loadLibrary(['libnone.so.1', 'libnone.so.2'])).rejects.toThrow(
      '[mpi/joinMpi] No MPI library: expected one of libnone.so.1, libnone.so.2, got none. Install Open MPI: on Debian or Ubuntu, apt-get install openmpi-bin.',
    );
  });
});
