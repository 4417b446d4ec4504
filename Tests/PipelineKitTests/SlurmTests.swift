import Foundation
import Testing
import TestSupport

/// `pipeline run --executor slurm` with scripts instead of Slurm's commands; Tests/slurm.sh tests with
/// the real ones.
struct SlurmTests {
  @Test func `a stage is one Slurm job that depends on its inputs, a matrix is an array`() throws {
    let cluster = try Cluster()
    let run = try cluster.pipeline("run", "m.yaml", "--executor", "slurm")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      cluster.submitted == [
        "1 grid/left", "2 grid/train array=0,1,2,3 dependency=afterok:1",
        // Each job of tune needs the job of train with the same index.
        "3 grid/tune array=0,1,2,3 dependency=aftercorr:2",
        // Jobs with different inputs are different Slurm jobs.
        "4 grid/pick array=0,1 dependency=afterok:1:2_0",
        "5 grid/pick array=2,3 dependency=afterok:1:2_1",
        "6 grid/pick array=4,5 dependency=afterok:1:2_2",
        "7 grid/pick array=6,7 dependency=afterok:1:2_3",
        "8 grid/report dependency=afterok:1:3",
      ])
    #expect(
      run.error.hasPrefix(
        """
        pipeline: job 1 of 18, left: never run; Slurm job 1
        pipeline: job 2 of 18, train/model=a,seed=1: never run; Slurm job 2_0

        """), "\(run.error)")
    #expect(run.output.hasPrefix("left                              queued as Slurm job 1\n"))
    #expect(
      run.output.hasSuffix(
        "\npipeline status shows their progress; pipeline cancel cancels them.\n"))
  }

  @Test func `flags replace the resources of the manifest`() throws {
    let cluster = try Cluster()
    _ = try cluster.pipeline(
      "run", "m.yaml", "--executor", "slurm", "--until", "train", "--time", "5", "--jobs", "2",
      "--account", "them", "--requeue")
    let jobs = cluster.log
    #expect(jobs.count == 2)
    for option in [
      "--partition=short", "--time=5", "--mem=2G", "--cpus-per-task=2", "--account=them",
      "--signal=B:TERM@60", "--requeue", "--kill-on-invalid-dep=yes",
    ] { #expect(jobs[0].contains(" \(option) "), "\(option) in \(jobs[0])") }
    #expect(jobs[1].contains(" --cpus-per-task=1 ") && jobs[1].contains(" --array=0,1,2,3%2 "))
    #expect(!jobs[1].contains("--partition"))
    for (flags, says) in [
      (["--executor", "slurm", "--memory", "lots"], "--memory is “lots”; it must be an amount"),
      (["--wait"], "require --executor slurm"),
    ] {
      let refused = try cluster.project.start(["run", "m.yaml"] + flags).end()
      #expect(refused.status == 64 && refused.error.contains(says), "\(refused.error)")
    }
  }

  @Test func `a queued job is not submitted again, nor run locally, nor with other options`() throws
  {
    let cluster = try Cluster()
    let first = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    let second = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    #expect(second.status == 0 && second.error == "" && second.output == first.output)
    #expect(cluster.log.count == 2)
    // A new job depends on the queued ones.
    _ = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "tune")
    #expect(cluster.submitted.last == "3 grid/tune array=0,1,2,3 dependency=aftercorr:2")
    let here = try cluster.pipeline("run", "m.yaml")
    #expect(here.status == 75)
    #expect(
      here.error == """
        pipeline: left: it is queued as Slurm job 1
          what to do: wait for it (pipeline status), or cancel it: pipeline cancel

        """)
    try cluster.project.edit("one: left }, matrix", "one: left }, with: { number: 2 }, matrix")
    let other = try cluster.pipeline("run", "m.yaml", "--executor", "slurm")
    #expect(other.status == 75)
    #expect(
      other.error.hasPrefix(
        "pipeline: train/model=a,seed=1: it is queued as Slurm job 2_0 with another command line\n"),
      "\(other.error)")
    #expect(cluster.log.count == 3)
  }

  @Test func `the script runs the printed command line and records its status`() throws {
    let cluster = try Cluster()
    _ = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    let folder = cluster.project.folder
    for (slurmJob, index, job) in [
      ("left-1", nil, "left"), ("train-1", "2", "train/model=b,seed=1"),
    ] {
      let run = try Program(
        "/bin/bash", [folder("runs/grid/.slurm/\(slurmJob)/job.sh")], in: folder,
        environment: index.map { ["SLURM_ARRAY_TASK_ID": $0] } ?? [:]
      ).end()
      #expect(run.status == 0, "\(run.error)")
      #expect(folder.has("runs/grid/\(job)/stamp.json"))
      #expect(folder.read("runs/grid/.slurm/\(slurmJob)/\(index ?? "0").exit") == "0\n")
    }
    cluster.forgetJobs()
    let state = try cluster.status()
    #expect(state.contains("\nleft fresh ") && state.contains("\ntrain/model=b,seed=1 fresh "))
  }

  @Test func `status shows what is queued, running and failed, with the end of its log`() throws {
    let cluster = try Cluster()
    _ = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    try cluster.replaceInQueue("2|1|PENDING", "2|1|RUNNING")
    try cluster.replaceInQueue("2|2|PENDING|Priority", "2|2|FAILED|NonZeroExitCode")
    let folder = "runs/grid/.slurm/train-1"
    try cluster.project.folder.write((1...9).map { "line \($0)\n" }.joined(), to: "\(folder)/2.log")
    try cluster.project.folder.write("65\n", to: "\(folder)/2.exit")
    // Slurm has forgotten it, and its shell died with it.
    let queue = try #require(cluster.project.folder.read("slurm/queue"))
    try cluster.project.folder.write(
      queue.split(separator: "\n").filter { !$0.hasPrefix("2|3|") }.joined(separator: "\n"),
      to: "slurm/queue")
    try cluster.project.folder.write("cut sh", to: "\(folder)/3.log")
    let status = try cluster.status()
    for line in [
      "left queued - - - Slurm job 1: Priority",
      "train/model=a,seed=1 queued - - - Slurm job 2_0: Priority",
      "train/model=a,seed=2 running - - - Slurm job 2_1",
      "train/model=b,seed=1 failed - - - Slurm job 2_2: exit status 65",
      "train/model=b,seed=2 failed - - - Slurm job 2_3: killed, or its machine died",
      "report never run - - -",
    ] { #expect(status.contains("\n\(line)\n"), "\(status)") }
    #expect(
      status.contains(
        "/train-1/2.log:\n | line 5\n | line 6\n | line 7\n | line 8\n | line 9\n"))
    #expect(status.hasSuffix("/train-1/3.log:\n | cut sh\n"), "\(status)")
  }

  @Test func `cancel ends the jobs of the manifest and no others, which count as never submitted`()
    throws
  {
    let cluster = try Cluster()
    _ = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    try cluster.replaceInQueue("2|0|PENDING|Priority", "2|0|COMPLETED|None")
    try cluster.project.folder.write(
      "77|N/A|RUNNING|None|/home/other/job.sh\n", to: "slurm/others")
    let cancel = try cluster.pipeline("cancel", "m.yaml")
    #expect(cancel.status == 0)
    #expect(cancel.output.hasPrefix("left: cancelled\ntrain/model=a,seed=2: cancelled\n"))
    #expect(cluster.project.folder.read("slurm/cancelled") == "1 2_1 2_2 2_3\n")
    cluster.forgetJobs()
    let status = try cluster.status()
    #expect(!status.contains("failed") && !status.contains("Slurm"), "\(status)")
    #expect(try cluster.pipeline("cancel", "m.yaml").output.hasPrefix("Nothing to cancel"))
    _ = try cluster.pipeline("run", "m.yaml", "--executor", "slurm", "--until", "train")
    #expect(cluster.submitted.suffix(2).first == "3 grid/left")
  }

  @Test func `a submission that sbatch rejects is reported with its stage and removed`() throws {
    let cluster = try Cluster()
    try cluster.project.folder.write("", to: "slurm/refuse")
    let run = try cluster.pipeline("run", "m.yaml", "--executor", "slurm")
    #expect(run.status == 69)
    #expect(run.error.hasPrefix("pipeline: left: sbatch: sbatch: error: invalid partition\n"))
    #expect(cluster.project.folder.names(in: "runs/grid/.slurm") == [])
    cluster.project.folder.remove("slurm/refuse")
    #expect(try cluster.pipeline("run", "m.yaml", "--executor", "slurm").status == 0)
  }

  @Test func `two concurrent runs do not submit a job twice`() throws {
    let cluster = try Cluster()
    // The other run has recorded the submission and has no Slurm job yet.
    try cluster.project.folder.write("[]", to: "runs/grid/.slurm/left-1/rows.json")
    let run = try cluster.pipeline("run", "m.yaml", "--executor", "slurm")
    #expect(run.status == 75)
    #expect(run.error.contains("/.slurm/left-1: another run is submitting this job\n"))
    #expect(cluster.log.isEmpty)
  }

  @Test func `without Slurm the error says so`() throws {
    let project = try TestProject.chained()
    let run = try Program(
      Program.folder + "/pipeline", ["run", "m.yaml", "--tools", "bin", "--executor", "slurm"],
      in: project.folder, environment: ["PATH": project.folder("bin")]
    ).end()
    #expect(run.status == 69)
    #expect(run.error.contains("sbatch: there is no such program on PATH\n"), "\(run.error)")
  }
}

/// A project with scripts in place of `sbatch`, `squeue` and `scancel`.
private struct Cluster {
  let project: TestProject

  init() throws {
    project = try TestProject()
    try project.folder.write("L", to: "left.txt")
    try project.folder.write(
      """
      name: grid
      stages:
        left:
          run: ingest
          inputs: { one: left.txt }
          resources: { partition: short, time: "1:30:00", memory: 2G, cpus: 2, account: us }
        train: { run: train, inputs: { one: left }, matrix: { model: [a, b], seed: [1, 2] } }
        tune: { run: train, each: train, inputs: { one: train }, matrix: { seed: [1, 2] } }
        pick:
          run: train
          each: train
          inputs: { many: [train, left] }
          matrix: { colour: [red, green] }
        report: { run: evaluate, inputs: { many: [tune, left] } }
      """, to: "m.yaml")
    try program(
      "sbatch",
      """
      [ ! -e slurm/refuse ] || { echo 'sbatch: error: invalid partition' >&2; exit 1; }
      number=$(($(cat slurm/log 2>/dev/null | wc -l) + 1))
      echo "$number $*" >>slurm/log
      indices=N/A
      for word; do
        case $word in --array=*) indices=$(echo "${word#*=}" | sed 's/%.*//' | tr , ' ') ;; esac
      done
      for index in $indices; do echo "$number|$index|PENDING|Priority|$word" >>slurm/queue; done
      echo $number
      """)
    try program("squeue", "cat slurm/queue slurm/others 2>/dev/null; true")
    try program("scancel", "echo \"$*\" >slurm/cancelled")
  }

  private func program(_ name: String, _ text: String) throws {
    try project.folder.write("#!/bin/sh\n\(text)\n", to: "slurm/\(name)")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: project.folder("slurm/\(name)"))
  }

  func pipeline(_ arguments: String...) throws -> (status: Int32, output: String, error: String) {
    try Program(
      Program.folder + "/pipeline", arguments + ["--tools", "bin"], in: project.folder,
      environment: ["PATH": project.folder("slurm") + ":/usr/bin:/bin"]
    ).end()
  }

  /// The command lines of sbatch.
  var log: [String] {
    (project.folder.read("slurm/log") ?? "").split(separator: "\n").map(String.init)
  }

  /// The table of `pipeline status`, with columns separated by one space.
  func status() throws -> String {
    try pipeline("status", "m.yaml").output.replacing(/\ +/, with: " ")
  }

  /// The number, name, array and dependency of each submission.
  var submitted: [String] {
    log.map { line in
      let words = line.split(separator: " ")
      let flags = ["job-name", "array", "dependency"].compactMap { option in
        words.first { $0.hasPrefix("--\(option)=") }.map {
          option == "job-name" ? $0.dropFirst(11) : $0.dropFirst(2)
        }
      }
      return (words.prefix(1) + flags).joined(separator: " ")
    }
  }

  /// Replaces text in the output of squeue.
  func replaceInQueue(_ old: String, _ new: String) throws {
    let queue = try #require(project.folder.read("slurm/queue"))
    try #require(queue.contains(old))
    try project.folder.write(queue.replacingOccurrences(of: old, with: new), to: "slurm/queue")
  }

  /// Makes Slurm forget all jobs.
  func forgetJobs() { project.folder.remove("slurm/queue") }
}
