#!/bin/bash
# A training on the ranks of a Slurm job: sbatch docs/scale/slurm.sh
#
# Ran on one node with Slurm 22.05 of Debian 12 (proctrack/linuxproc, task/none), with Open MPI 4.1 under --mpi=pmix and
# with MPICH 4.0 under --mpi=pmi2; for PMIx, Slurm also needed Debian's libpmix-dev. SIGTERM, as by scancel or before
# the time ends, saved the run. This script was not run on more than one node. On several nodes the run folder, the
# data, the plugins and this workspace must be on a file system that all nodes share.
#SBATCH --job-name=impflow
#SBATCH --ntasks=2
#SBATCH --output=impflow-%j.log
# Slurm sends SIGTERM this many seconds before the time ends: the run is saved, and --resume continues it.
#SBATCH --signal=TERM@120
#SBATCH --time=01:00:00

set -u
run=${RUN:-runs/slurm}
# If the run exists, the training continues. With an unchanged number of ranks, it gives the same bits as an
# uninterrupted training.
if [ -f "$run/checkpoint.safetensors" ]; then what=(--resume); else what=(--data moons --steps 2000); fi

# --mpi must be the interface that the MPI library was built for: pmix for Open MPI, pmi2 for MPICH; srun --mpi=list.
# Without --kill-on-bad-exit, if rank 0 died, the remaining ranks would wait forever. npx is not used here: SIGTERM ends
# npx before the run is saved, and proctrack/linuxproc then no longer finds the child processes of npx.
exec srun --mpi="${MPI:-pmix}" --kill-on-bad-exit=1 \
  "${IMPFLOW:-node_modules/.bin/impflow}" train "${what[@]}" --workers mpi --out "$run"
