import { FlowError } from '@impflow/core';
import type { LibraryHandle } from 'koffi';

/** File names of the shared libraries of Open MPI 4 and 5. */
const OPEN_MPI: readonly string[] = ['libmpi.so.40', 'libmpi.40.dylib'];
/**
 * File names of the shared libraries of MPICH, and of MPI libraries with the binary interface of MPICH, such as Intel
 * MPI.
 */
const MPICH: readonly string[] = ['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'];

/**
 * Returns the file names under which an MPI library is searched, the preferred name first. If Open MPI and MPICH are
 * both installed, this process must load the library of the `mpirun` that started it. Open MPI's `mpirun` sets
 * `OMPI_COMM_WORLD_RANK`. MPICH's `mpirun` and `srun --mpi=pmi2` set `PMI_RANK`.
 */
export const libraryNames = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] =>
  environment['OMPI_COMM_WORLD_RANK'] === undefined && environment['PMI_RANK'] !== undefined
    ? [...MPICH, ...OPEN_MPI]
    : [...OPEN_MPI, ...MPICH];

/**
 * Loads the first MPI library that is installed.
 *
 * @throws `unsupported` if no library is installed.
 */
export const loadLibrary = async (names: readonly string[] = libraryNames()): Promise<LibraryHandle> => {
  const { default: koffi } = await import('koffi');
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch {
      // The library with this name is not installed, so the next name is tried.
    }
  }
  throw new FlowError('unsupported', 'mpi/joinMpi', 'No MPI library', {
    expected: `one of ${names.join(', ')}`,
    got: 'none',
    hint: 'Install Open MPI: on Debian or Ubuntu, apt-get install openmpi-bin.',
  });
};
