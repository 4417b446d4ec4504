#!/bin/sh
# Tests `pipeline run --executor slurm` with a real Slurm, which is installed if necessary (Debian, as
# root), started on this machine and stopped at the end: a small table of models is byte-identical to
# that of a local run; jobs are submitted twice, killed, out of time, cancelled; a job fails.
# Finally one training with srun, if mpi.sh has built it.
#   sh Tests/slurm.sh          after swift build
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.build/debug

skip() { echo "slurm.sh: skipped: $*"; exit 0; }
die() { echo "slurm.sh: FAILED: $*" >&2; exit 1; }
say() { printf '%s\n' "-- $*"; }

# --- Slurm

there() { for program in munged slurmctld slurmd sbatch; do command -v $program || return 1; done >/dev/null; }
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" -eq 0 ] || skip "slurmd must be root to start jobs"
if ! there; then
  command -v apt-get >/dev/null || skip "no Slurm here, and no apt-get to install it"
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge \
    >/dev/null || skip "slurm-wlm and munge cannot be installed"
  there || skip "slurm-wlm and munge brought no daemons"
fi
[ -x "$tools/pipeline" ] || die "build first: swift build"

place=$(mktemp -d)
daemons=
stop() {
  status=$?
  set +e
  scancel --quiet --user=root 2>/dev/null
  for id in $daemons; do kill "$id" 2>/dev/null; done
  for id in $daemons; do wait "$id" 2>/dev/null; done
  if [ $status -ne 0 ]; then tail -n 20 "$place"/slurm/*.log >&2; else rm -rf "$place"; fi
  exit $status
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

start() {
  mkdir -p "$place/slurm/state" "$place/slurm/spool"
  cd "$place/slurm"
  head -c 1024 /dev/urandom >key
  chmod 600 key
  host=$(uname -n | cut -d. -f1)
  cat >slurm.conf <<END
ClusterName=trial
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$PWD/munge.socket,cred_expire=5
SlurmctldPort=26817
SlurmdPort=26818
SlurmctldPidFile=$PWD/slurmctld.pid
SlurmdPidFile=$PWD/slurmd.pid
StateSaveLocation=$PWD/state
SlurmdSpoolDir=$PWD/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
KillWait=2
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=512 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
  munged --foreground --force --key-file="$PWD/key" --socket="$PWD/munge.socket" \
    --pid-file="$PWD/munge.pid" --log-file="$PWD/munge.log" --seed-file="$PWD/munge.seed" >munged.log 2>&1 &
  daemons=$!
  for _ in $(seq 100); do [ -S munge.socket ] && break; sleep 0.1; done
  slurmctld -D >slurmctld.log 2>&1 &
  daemons="$! $daemons"
  slurmd -D -N "$host" >slurmd.log 2>&1 &
  daemons="$! $daemons"
  for _ in $(seq 100); do
    case $(sinfo --noheader --format=%T 2>/dev/null) in idle) return ;; esac
    sleep 0.2
  done
  tail -n 5 ./*.log
  skip "Slurm does not start here"
}
export SLURM_CONF="$place/slurm/slurm.conf"
start

# --- The manifests

cd "$place"
ln -s "$root/fixtures" .
cat >table.yaml <<'END'
name: table
stages:
  yelp:
    run: ingest
    inputs: { archive: fixtures/Yelp-JSON.zip }
    with: { dataset: yelp, train: 120, validation: 40, test: 60 }
  tweets:
    run: ingest
    inputs: { archive: fixtures/SemEval2018-Task1-all-data.zip }
    with: { dataset: ei-reg, split: random }
  imdb:
    run: ingest
    inputs: { archive: fixtures/aclImdb_v1.tar.gz }
    with: { dataset: imdb, train: 40, validation: 20 }
  vocab:
    run: vocab
    inputs: { examples: [yelp, tweets], vectors: fixtures/glove.fixture.zip }
  imdb-vocab:
    run: vocab
    inputs: { base: vocab, examples: [imdb], vectors: fixtures/glove.fixture.zip }
  train:
    run: train
    inputs: { vocab: vocab }
    matrix: { model: [dlnc, separate-cell], seed: [1, 2] }
    with: { hidden: 8, epochs: 1 }
    resources: { time: "0:10:00", cpus: 1, memory: 100M, partition: main }
  finetune:
    run: finetune
    each: train
    inputs: { checkpoint: train, vocab: imdb-vocab }
    matrix: { seed: [1, 2] }
    with: { source: yelp, epochs: 1 }
  report:
    run: evaluate
    inputs: { models: [train, finetune], vocab: [vocab, imdb-vocab] }
END
# More stages: a split that requests more reviews than there are, and trainings to be disturbed.
cat >more.yaml <<'END'
  split:
    run: ingest
    inputs: { archive: fixtures/aclImdb_v1.tar.gz }
    matrix: { train: [40, 4000000] }
    with: { dataset: imdb, validation: 20 }
  words:
    run: vocab
    each: split
    inputs: { examples: [split], vectors: fixtures/glove.fixture.zip }
  long:
    run: train
    inputs: { vocab: vocab }
    matrix: { seed: [1, 2, 3] }
    with: { hidden: 32, epochs: 400, checkpoint-seconds: 1 }
END
pipeline() { "$tools/pipeline" "$@"; }
same() {
  diff -r -x stamp.json -x report.html -x '.*' local/table runs/table ||
    die "the outputs differ from those of a local run"
}
# The number of jobs and tasks of arrays that Slurm has.
queued() { squeue --noheader --array "$@" | wc -l; }
until_gone() { until [ "$(queued)" -eq 0 ]; do sleep 0.3; done; }
state() { pipeline status table.yaml | awk -v row="$1" '$1 == row { print $2, $3; exit }'; }
expect() { [ "$2" = "$3" ] || die "$1: $2, expected $3"; }

say "a local run"
pipeline run table.yaml --output-root local >local.out 2>&1 || die "$(cat local.out)"

say "the same with Slurm: one job per stage"
pipeline run table.yaml --executor slurm --wait >slurm.out 2>&1 || die "$(cat slurm.out)"
expect "jobs" "$(squeue --noheader --states=all --format=%F | sort -u | wc -l)" 8
expect "tasks" "$(squeue --noheader --states=all --array | wc -l)" 14
same
pipeline run table.yaml | grep -q "^Nothing to do" || die "not everything is up to date"

say "tuning with Slurm has the ranking of a local one"
cat >tune.yaml <<'END'
name: tune
stages:
  yelp:
    run: ingest
    inputs: { archive: fixtures/Yelp-JSON.zip }
    with: { dataset: yelp, train: 120, validation: 40, test: 60 }
  vocab:
    run: vocab
    inputs: { examples: yelp, vectors: fixtures/glove.fixture.zip }
  train:
    run: train
    inputs: { vocab: vocab }
    with: { hidden: 8, epochs: 1 }
END
tune() { pipeline tune tune.yaml --try learning-rate=0.002,0.02,0.05 --budget 8 "$@"; }
tune --output-root local >tune-local.out 2>&1 || die "$(cat tune-local.out)"
tune --executor slurm >tune-slurm.out 2>&1 || die "$(cat tune-slurm.out)"
grep -q "^Best: " tune-slurm.out || die "$(cat tune-slurm.out)"
cmp local/tune/tune-train/report.json runs/tune/tune-train/report.json ||
  die "the ranking differs from that of a local run"

say "submitted once, however often it is requested"
cat more.yaml >>table.yaml
scontrol update PartitionName=main State=DOWN
sbatch --parsable --output=/dev/null --wrap "sleep 600" >/dev/null
pipeline run table.yaml --executor slurm --requeue >first.out 2>first.err
count=$(queued)
expect "the 7 stale jobs, and 1 foreign job" "$count" 8
pipeline run table.yaml --executor slurm --requeue >second.out 2>second.err
expect "jobs after a second time" "$(queued)" "$count"
cmp first.out second.out
[ ! -s second.err ] || die "submitted again: $(cat second.err)"
expect "status" "$(state long/seed=1)" "queued -"
if pipeline run table.yaml 2>here.err; then die "ran a job locally that Slurm has"; fi
grep -q "Slurm job" here.err || die "$(cat here.err)"

say "cancel affects only the jobs of the manifest"
pipeline cancel table.yaml | grep -q "^long/seed=3: cancelled" || die "not cancelled"
expect "jobs left" "$(queued)" 1
expect "status" "$(state long/seed=1)" "never run"
scancel --user=root
until_gone
scontrol update PartitionName=main State=UP

say "one fails, one is killed, one is out of time and resumes"
pipeline run table.yaml --executor slurm --requeue >third.out 2>&1
job=$(squeue --noheader --name=table/long --format=%F | head -n 1)
running() { [ "$(squeue --noheader --job="${job}_$1" --format=%T)" = RUNNING ]; }
# Give up if the machine finishes before it can be disturbed.
tries=0
until running 0 && running 1 && [ -e runs/table/long/seed=1.resume ]; do
  tries=$((tries + 1))
  [ $tries -lt 600 ] || die "the long jobs could not be disturbed: give them more epochs"
  sleep 0.1
done
scancel --signal=TERM --batch "${job}_0"
kill -KILL $(scontrol listpids "$(squeue --noheader --job="${job}_1" --format=%A)" | awk 'NR > 1 && $1 > 1 { print $1 }')
until_gone
pipeline status table.yaml >status.out
expect "the failed job" "$(state split/train=4000000)" "failed -"
grep -q "^  | ingest: .* different “negative” texts" status.out || die "no log in: $(cat status.out)"
expect "the other task of its array" "$(state split/train=40 | cut -d' ' -f1)" fresh
expect "a job that depends on it" "$(state words/train=4000000)" "never run"
expect "a job that depends on the other task" "$(state words/train=40 | cut -d' ' -f1)" fresh
expect "the killed job" "$(state long/seed=2)" "failed -"
grep -q "^long/seed=2 .*killed, or its machine died" status.out || die "$(cat status.out)"
expect "the job that ran out of time" "$(state long/seed=1 | cut -d' ' -f1)" fresh
expect "the undisturbed job" "$(state long/seed=3 | cut -d' ' -f1)" fresh
grep -q "train: interrupted" runs/table/.slurm/long-*/0.log || die "seed=1 was not out of time"

say "run again: the failed jobs, with the outputs of a local run"
status=0
pipeline run table.yaml --executor slurm --wait >fourth.out 2>fourth.err || status=$?
expect "exit status" $status 65
expect "made" "$(grep -c "done in" fourth.err)" 1
status=0
pipeline run table.yaml --jobs 2 --output-root local >local.out 2>&1 || status=$?
expect "exit status of the local run" $status 65
same
say "one training with srun, by four processes that share the processors"
mpi=$root/.build-mpi/debug/train # mpi.sh builds it
if [ ! -x "$mpi" ]; then
  echo "slurm.sh: skipped: no build with MPI, see mpi.sh"
elif ! srun --mpi=list 2>&1 | grep -q pmix; then
  echo "slurm.sh: skipped: this Slurm does not support PMIx"
else
  train() {
    name=$1 epochs=$2
    shift 2
    "$@" --vocab runs/table/vocab --hidden 32 --epochs "$epochs" --micro-batches 4 --threads 1 \
      --checkpoint-seconds 0.2 --output "$name" --quiet >/dev/null
  }
  processes="srun --mpi=pmix --ntasks=4 --overcommit --kill-on-bad-exit=1"
  train one 3 "$mpi"
  train four 3 $processes "$mpi"
  cmp one/model.safetensors four/model.safetensors || die "four processes give other output"
  # One process is lost: the job ends, and resumes from its last checkpoint.
  train whole 60 "$mpi"
  train lost 60 $processes "$mpi" 2>lost.out &
  job=$!
  until [ -e lost.resume ] || ! kill -0 $job 2>/dev/null; do sleep 0.1; done
  pkill -KILL -n -f "$mpi .*--output lost" || true
  if wait $job; then die "the job survived the loss of a process"; fi
  [ ! -e lost ] || die "a job that lost a process has an output"
  train lost 60 $processes "$mpi"
  cmp whole/model.safetensors lost/model.safetensors || die "the resumed training gives other output"
fi
echo "slurm.sh: passed"
