import type { LibraryHandle } from 'koffi';

/** What differs between the binary interfaces of MPI libraries. */
interface Abi {
  /** Name of the library in messages. */
  readonly name: string;
  /** C type of the handles of communicators and data types. */
  readonly handle: string;
  /** `MPI_COMM_WORLD`. */
  readonly world: unknown;
  /** `MPI_DOUBLE`: eight bytes. */
  readonly double: unknown;
  /** `MPI_ANY_SOURCE`. */
  readonly anySource: number;
  /** Index of the source in an `MPI_Status` that is read as int32 numbers. */
  readonly sourceAt: number;
}

/**
 * Returns the interface of a library. Open MPI has pointers as handles: addresses of its variables. MPICH, Intel MPI
 * and MVAPICH share one interface, in which handles are integers.
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
