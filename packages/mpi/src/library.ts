import { FlowError } from '@impflow/core';
import type { LibraryHandle } from 'koffi';

/** Names of the libraries of Open MPI 4 and 5. */
const OPEN_MPI: readonly string[] = ['libmpi.so.40', 'libmpi.40.dylib'];
/** Names of the libraries of MPICH and of those that share its binary interface, such as Intel MPI. */
const MPICH: readonly string[] = ['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'];

/**
 * Loads the MPI library of this machine. If both kinds are installed, the one of the `mpirun` that started this process:
 * that of Open MPI sets `OMPI_COMM_WORLD_RANK`, that of MPICH `PMI_RANK`.
 *
 * @throws `unsupported` without a library.
 */
export const loadLibrary = async (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LibraryHandle> => {
  const { default: koffi } = await import('koffi');
  const isMpich = environment['OMPI_COMM_WORLD_RANK'] === undefined && environment['PMI_RANK'] !== undefined;
  for (const name of isMpich ? [...MPICH, ...OPEN_MPI] : [...OPEN_MPI, ...MPICH]) {
    try {
      return koffi.load(name);
    } catch {
      // Not installed: try the next.
    }
  }
  throw new FlowError('unsupported', 'mpi/joinMpi', 'No MPI library', {
    expected: `one of ${[...OPEN_MPI, ...MPICH].join(', ')}`,
    got: 'none',
    hint: 'Install Open MPI: on Debian or Ubuntu, apt-get install openmpi-bin.',
  });
};
