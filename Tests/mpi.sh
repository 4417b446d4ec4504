#!/bin/sh
# Trains the quickstart's model with threads and with MPI processes and compares the files; then a
# process is killed, and the training resumes. Requires Open MPI (Debian: libopenmpi-dev
# openmpi-bin); prints a message and skips the tests without it.
set -eu
cd "$(dirname "$0")/.."

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
command -v mpirun >/dev/null || { echo "mpi.sh: skipped: no mpirun here"; exit 0; }
launch() { mpirun --oversubscribe -np "$@"; }
launch 2 true || { echo "mpi.sh: skipped: cannot start two processes here"; exit 0; }
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
train mpi2 launch 2 "$bin/train" --threads 1
train mpi4 launch 4 "$bin/train" --threads 1
for name in two mpi2 mpi4; do cmp "$work/one/model.safetensors" "$work/$name/model.safetensors"; done
pretrain() {
  name=$1
  shift
  "$@" --vocab runs/quickstart/vocab --hidden 32 --micro-batches 4 --threads 1 --output "$work/$name" --quiet
}
pretrain encoder "$bin/pretrain"
pretrain encoder4 launch 4 "$bin/pretrain"
cmp "$work/encoder/model.safetensors" "$work/encoder4/model.safetensors"
echo "1 thread, 2 threads, 2 and 4 processes: identical files"

# A process is killed: the job ends, and the same command resumes from the last checkpoint.
longer() {
  name=$1
  shift
  "$@" --vocab runs/quickstart/vocab --hidden 96 --epochs 30 --micro-batches 4 --threads 1 \
    --checkpoint-seconds 0.2 --output "$work/$name" --quiet
}
longer whole "$bin/train"
longer lost launch 4 "$bin/train" >"$work/log" 2>&1 &
job=$!
until [ -e "$work/lost.resume" ] || ! kill -0 $job 2>/dev/null; do sleep 0.1; done
pkill -KILL -n -f "$bin/train .*--output $work/lost" || true
if wait $job; then echo "the job survived the loss of a process" >&2; exit 1; fi
test ! -e "$work/lost"
longer lost launch 2 "$bin/train"
cmp "$work/whole/model.safetensors" "$work/lost/model.safetensors"
echo "a process killed: the job ended, and resumed to an identical file"
