import Foundation
import Support

/// A Slurm job, recorded in a folder beside the outputs.
///
/// The folder is created before the job is submitted. Creating it is atomic on every file system, so
/// that of two runs only one can submit the job, without a lock. The script in the folder identifies
/// the job in Slurm's queue. Logs and exit statuses are written to the folder, so that Slurm's
/// accounting is not needed.
struct SlurmJob: Sendable {
  /// One job of the plan.
  struct Task: Codable, Sendable {
    /// The identifier of the job.
    let job: String
    /// The index in the array; nil if it is not an array.
    let index: Int?
    let command: String

    private enum CodingKeys: String, CodingKey { case job = "row", index, command }

    /// The name of its files in the folder, without extension.
    var name: String { String(index ?? 0) }
  }

  /// The absolute path of the folder.
  let folder: String
  /// The number given by Slurm; nil while the job is being submitted.
  let number: String?
  let tasks: [Task]

  /// The directory of all submissions of the plan whose outputs are in `folder`.
  static func directory(in folder: String) -> String { realPath(folder) + "/.slurm" }

  var script: String { "\(folder)/job.sh" }
  /// The serial number among the submissions of the stage; part of the folder's name.
  var serial: Int { Int(folder.lastPathName.split(separator: "-").last ?? "") ?? 0 }
  var stage: String { folder.lastPathName.split(separator: "-").dropLast().joined(separator: "-") }

  /// The path of a task's log.
  func log(of task: Task) -> String { "\(folder)/\(task.name).log" }

  /// The exit status of a task; nil while it runs, and if its shell was killed.
  func exitStatus(of task: Task) -> Int32? {
    Self.trimmedText("\(folder)/\(task.name).exit").flatMap { Int32($0) }
  }

  /// Whether ``SlurmState/cancel()`` cancelled a task.
  func isCancelled(_ task: Task) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(task.name).cancelled")
  }

  /// Records that a task is being cancelled.
  func markCancelled(_ task: Task) throws { try write(Data(), to: "\(task.name).cancelled") }

  /// All submissions, by serial number.
  static func all(in directory: String) -> [SlurmJob] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.map { SlurmJob(folder: "\(directory)/\($0)") }.sorted {
      ($0.serial, $0.folder) < ($1.serial, $1.folder)
    }
  }

  /// Reads a submission.
  private init(folder: String) {
    self.folder = folder
    number = Self.trimmedText("\(folder)/id")
    let data = FileManager.default.contents(atPath: "\(folder)/rows.json") ?? Data()
    tasks = (try? JSONDecoder().decode([Task].self, from: data)) ?? []
  }

  /// Records a new submission of a stage.
  /// - Throws: ``UserError`` with exit status `temporary` if another run has just recorded it.
  init(_ stage: String, serial: Int, in directory: String, tasks: [Task]) throws {
    folder = "\(directory)/\(stage)-\(serial)"
    number = nil
    self.tasks = tasks
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch { throw cannotWrite(directory, error) }
    guard mkdir(folder, 0o777) == 0 else {
      let code = errno
      if code == EEXIST { throw beingSubmitted }
      throw cannotWrite(folder, POSIXError(.init(rawValue: code) ?? .EIO))
    }
    try write(JSONEncoder.pretty.encode(tasks), to: "rows.json")
  }

  /// Writes a file in the folder.
  func write(_ data: Data, to name: String) throws {
    let path = "\(folder)/\(name)"
    do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw cannotWrite(path, error)
    }
  }

  /// Removes a submission that Slurm rejected.
  func discard() { try? FileManager.default.removeItem(atPath: folder) }

  /// The error for a submission that another run has recorded and not yet submitted.
  var beingSubmitted: UserError {
    UserError(
      .temporary, at: folder, problem: "another run is submitting this job",
      hint: "run the command again; if there is no other run, remove this folder first")
  }

  private static func trimmedText(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}

private func cannotWrite(_ path: String, _ error: any Error) -> UserError {
  UserError(
    .cannotCreate, at: path, problem: "cannot be created: \(systemMessage(error))",
    hint: "choose another --output-root or change its permissions")
}

// MARK: - Script

extension SlurmJob {
  /// The script of the job.
  /// - Parameters:
  ///   - outputs: the output folders of the tasks, in their order.
  ///   - requeue: whether a task that saved its state when it was asked to stop is queued again.
  func scriptText(outputs: [String], requeue: Bool) -> String {
    let cases = zip(tasks, outputs).map { task, output in
      "\(task.name)) output=\(shellQuoted(output))\n  set -- \(task.command) ;;"
    }
    return """
      #!/bin/bash
      # Runs the command lines that pipeline run prints, one per task.
      folder=\(shellQuoted(folder))
      task=${SLURM_ARRAY_TASK_ID:-0}
      case $task in
      \(cases.joined(separator: "\n"))
      esac
      rm -f "$folder/$task.exit"

      # Slurm signals this shell shortly before the time limit. The signal is passed on only once: a
      # second one would kill the command while it saves its state.
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
      \(requeue ? Self.requeueCommands : "")
      echo $status >"$folder/$task.exit"
      exit $status

      """
  }

  /// Requeues the task, unless it was cancelled, which means that it is no longer RUNNING, or has
  /// saved no state, which would repeat it forever.
  private static let requeueCommands = """
    if [ $status -eq 143 ] && [ -e "$output.resume" ] &&
      [ "$(squeue --noheader --job="$SLURM_JOB_ID" --format=%T)" = RUNNING ]
    then scontrol requeue "$SLURM_JOB_ID" && exit $status
    fi
    """
}
