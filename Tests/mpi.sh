#!/bin/sh
# Trains the quickstart's model by threads and by MPI processes and compares the bytes; then loses a
# process, and goes on. Needs Open MPI (Debian: libopenmpi-dev openmpi-bin); skips, saying so, where
# it is missing.
set -eu
cd "$(dirname "$0")/.."

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
command -v mpirun >/dev/null || { echo "mpi.sh: skipped: no mpirun here"; exit 0; }
crew() { mpirun --oversubscribe -np "$@"; }
crew 2 true || { echo "mpi.sh: skipped: no two processes can be started here"; exit 0; }
scratch=.build-mpi
swift build --traits MPI --scratch-path $scratch
bin=$(pwd)/$scratch/debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -e runs/quickstart/vocab/stamp.json ] || .build/debug/pipeline run --until vocab
train() {
  name=$1
  shift
  "$@" --vocab runs/quickstart/vocab --hidden 64 --epochs 3 --micro-batches 4 --output "$work/$name" --quiet
}
train one "$bin/train" --threads 1
train two "$bin/train" --threads 2
train crew2 crew 2 "$bin/train" --threads 1
train crew4 crew 4 "$bin/train" --threads 1
for name in two crew2 crew4; do cmp "$work/one/model.safetensors" "$work/$name/model.safetensors"; done
echo "1 thread, 2 threads, 2 and 4 processes: the same bytes"

# A process is lost: the job ends, and the same command goes on from the last state.
longer() {
  name=$1
  shift
  "$@" --vocab runs/quickstart/vocab --hidden 96 --epochs 30 --micro-batches 4 --threads 1 \
    --checkpoint-seconds 0.2 --output "$work/$name" --quiet
}
longer whole "$bin/train"
longer lost crew 4 "$bin/train" >"$work/log" 2>&1 &
job=$!
until [ -e "$work/lost.resume" ] || ! kill -0 $job 2>/dev/null; do sleep 0.1; done
pkill -KILL -n -f "$bin/train .*--output $work/lost" || true
if wait $job; then echo "the job outlived a process" >&2; exit 1; fi
test ! -e "$work/lost"
longer lost crew 2 "$bin/train"
cmp "$work/whole/model.safetensors" "$work/lost/model.safetensors"
echo "a process lost: the job ended, and went on to the same bytes"
