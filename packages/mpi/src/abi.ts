import type { LibraryHandle } from 'koffi';

/** Values that differ between the binary interfaces (ABIs) of MPI libraries. */
interface Abi {
  /** Name of the MPI library, as users see it. */
  readonly name: string;
  /** C type of the handles of communicators and data types. */
  readonly handle: string;
  /** Handle `MPI_COMM_WORLD`, which stands for the communicator of all ranks. */
  readonly world: unknown;
  /** Handle `MPI_DOUBLE`, which stands for the data type of messages: eight bytes per element. */
  readonly double: unknown;
  /** Value of `MPI_ANY_SOURCE`, which stands for any sender in a call that receives a message. */
  readonly anySource: number;
  /** Position of the sender's rank in an `MPI_Status`, if the status is read as an array of int32 numbers. */
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
