import Foundation
import Safetensors
import Support

/// A job that was submitted, as it is noted in a folder of its own beside the outputs.
///
/// The folder is made before the job is submitted, in one step that only one of two runs can take,
/// whatever file system it is on; no lock is needed. Slurm knows the job by the script in it. Logs
/// and exit statuses go there, too, so that Slurm's accounting is not needed either.
struct SlurmJob: Sendable {
  /// One row of it.
  struct Task: Codable, Sendable {
    /// The row.
    var row: String
    /// Its number within the array; none in a job that is no array.
    var index: Int?
    /// What it runs.
    var command: String

    /// What its files in the folder begin with.
    var name: String { String(index ?? 0) }
  }

  /// The folder, absolute.
  let folder: String
  /// The number of the job; none while it is being submitted.
  var id: String?
  /// Its rows.
  var tasks: [Task]

  /// The folder of all jobs of the plan whose outputs lie in `folder`.
  static func shelf(in folder: String) -> String { realPath(folder) + "/.slurm" }

  /// The script that was submitted.
  var script: String { "\(folder)/job.sh" }
  /// Its number among those of its stage; the folder is called after both.
  var number: Int { Int(folder.lastPathName.split(separator: "-").last ?? "") ?? 0 }
  /// Its stage.
  var stage: String { folder.lastPathName.split(separator: "-").dropLast().joined(separator: "-") }

  /// Where the output of a task goes.
  func log(of task: Task) -> String { "\(folder)/\(task.name).log" }

  /// The exit status of a task; none while it runs, and if it was killed with its shell.
  func exit(of task: Task) -> Int32? {
    let text = FileManager.default.contents(atPath: "\(folder)/\(task.name).exit")
    return text.flatMap { Int32(String(decoding: $0, as: UTF8.self).trimmed) }
  }

  /// Whether ``SlurmState/cancel()`` cancelled a task.
  func isCancelled(_ task: Task) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(task.name).cancelled")
  }

  /// Notes that a task is being cancelled.
  func cancel(_ task: Task) throws { try write(Data(), to: "\(task.name).cancelled") }

  /// All jobs that are noted on a shelf, the oldest of a stage first.
  static func all(on shelf: String) -> [SlurmJob] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: shelf)) ?? []
    return names.map { SlurmJob(at: "\(shelf)/\($0)") }.sorted {
      ($0.number, $0.folder) < ($1.number, $1.folder)
    }
  }

  private init(at folder: String) {
    self.folder = folder
    id = FileManager.default.contents(atPath: "\(folder)/id").map {
      String(decoding: $0, as: UTF8.self).trimmed
    }
    let data = FileManager.default.contents(atPath: "\(folder)/rows.json") ?? Data()
    tasks = (try? JSONDecoder().decode([Task].self, from: data)) ?? []
  }

  /// Takes the place of the `number`th job of a stage.
  /// - Throws: ``UserError`` of kind `temporary` if another run has just taken it.
  init(_ stage: String, number: Int, on shelf: String, tasks: [Task]) throws {
    folder = "\(shelf)/\(stage)-\(number)"
    self.tasks = tasks
    do {
      try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
    } catch { throw unwritable(shelf, error) }
    guard mkdir(folder, 0o777) == 0 else {
      let code = errno
      if code == EEXIST { throw beingSubmitted }
      throw unwritable(folder, POSIXError(.init(rawValue: code) ?? .EIO))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try write(encoder.encode(tasks), to: "rows.json")
  }

  /// Notes something in the folder.
  func write(_ data: Data, to name: String) throws {
    let path = "\(folder)/\(name)"
    do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw unwritable(path, error)
    }
  }

  /// Forgets a job that was not accepted.
  func discard() { try? FileManager.default.removeItem(atPath: folder) }

  /// Another run has made the folder and has not yet got its job.
  var beingSubmitted: UserError {
    UserError(
      .temporary, at: folder, problem: "another run is submitting this job",
      hint: "run the command again; if no other run is at work, remove this folder first")
  }
}

private func unwritable(_ path: String, _ error: any Error) -> UserError {
  UserError(
    .cannotCreate, at: path, problem: "cannot be created: \(systemMessage(error))",
    hint: "choose another --output-root or change its permissions")
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
