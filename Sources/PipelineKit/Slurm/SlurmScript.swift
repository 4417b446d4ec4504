/// The script of a job: the command lines of its rows, and what a shell has to do around them.
struct SlurmScript {
  let job: SlurmJob
  /// The rows in the order of the job's tasks.
  let rows: [Job]
  /// Whether a job that kept its state when it was asked to stop goes back into the queue.
  let requeue: Bool

  /// The text.
  var text: String {
    """
    #!/bin/bash
    # Each row of the stage with the command line that pipeline run prints.
    folder=\(shellQuoted(job.folder))
    task=${SLURM_ARRAY_TASK_ID:-0}
    case $task in
    \(cases)
    esac
    rm -f "$folder/$task.exit"

    # Slurm tells this shell when the time is almost up. The command hears it once: a second signal
    # would kill what the first one has asked to keep its state.
    pass() {
      asked=1
      if [ -n "$child" ] && [ -z "$passed" ]; then passed=1; kill -TERM "$child"; fi
    }
    asked= passed= child=
    trap pass TERM
    "$@" </dev/null &
    child=$!
    [ -z "$asked" ] || pass
    while wait "$child"; status=$?; [ $status -gt 128 ] && kill -0 "$child" 2>/dev/null; do :; done
    \(requeue ? requeuing : "")
    echo $status >"$folder/$task.exit"
    exit $status

    """
  }

  private var cases: String {
    zip(job.tasks, rows).map { task, row in
      "\(task.name)) output=\(shellQuoted(row.output))\n  set -- \(task.command) ;;"
    }.joined(separator: "\n")
  }

  /// A job that was cancelled is no longer RUNNING, and would rise again; one that kept nothing
  /// would begin again for ever.
  private var requeuing: String {
    """
    if [ $status -eq 143 ] && [ -e "$output.resume" ] &&
      [ "$(squeue --noheader --job="$SLURM_JOB_ID" --format=%T)" = RUNNING ]
    then scontrol requeue "$SLURM_JOB_ID" && exit $status
    fi
    """
  }
}
