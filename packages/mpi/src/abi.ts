import type { LibraryHandle } from 'koffi';

/** Values that differ between the binary interfaces (ABIs) of MPI libraries. */
interface Abi {
  /** Name of the MPI library, as users see it. */
  readonly name: string;
  /** C type of the handles of communicators and data types. */
  readonly handle: string;
  /** Handle `MPI_COMM_WORLD`: the communicator of all ranks. */
  readonly world: unknown;
  /** Handle `MPI_DOUBLE`: the data type of messages, eight bytes per element. */
  readonly double: unknown;
  /** Value of `MPI_ANY_SOURCE`: receive from any rank. */
  readonly anySource: number;
  /** Index of the source in an `MPI_Status` that is read as int32 numbers. */
  readonly sourceAt: number;
}

/**
 * Returns the binary interface (ABI) of an MPI library. Open MPI uses pointers as handles: the addresses of its global
 * variables. MPICH, Intel MPI and MVAPICH share one interface, in which handles are integers.
 */
export const abiOf = (library: LibraryHandle): Abi => {
  try {
    return {
      name: 'Open MPI',
      handle: 'void *',
      world: library.symbol('ompi_mpi_comm_world'),
      double: library.symbol('ompi_mpi_double'),
      anySource: -1,
      sourceAt: 0,
    };
  } catch {
    return { name: 'MPICH', handle: 'int', world: 0x44000000, double: 0x4c00080b, anySource: -2, sourceAt: 2 };
  }
};
