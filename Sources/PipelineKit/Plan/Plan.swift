import Support

/// The jobs of a manifest with their command lines, regardless of which are up to date.
public struct Plan: Sendable {
  /// The name of the manifest.
  public let name: String
  /// The folder of the outputs.
  public let folder: String
  /// The jobs, each after those that it reads.
  public internal(set) var jobs: [Job] = []
  /// Remarks on the manifest that do not prevent a run.
  public internal(set) var warnings: [String] = []

  /// The stages, in the order of their jobs.
  var stages: [String] { jobs.map(\.stage).unique }

  /// The jobs that no other job reads: those with the results.
  var results: [Job] {
    let inputs = Set(jobs.flatMap(\.upstream))
    return jobs.filter { !inputs.contains($0.index) }
  }

  /// The position of a job among all, such as `stage 2 of 9, train`; of jobs of a matrix,
  /// `job 12 of 45, train/seed=3`.
  public func progress(of job: Job) -> String {
    let noun = jobs.contains { !$0.point.isEmpty } ? "job" : "stage"
    return "\(noun) \(job.index + 1) of \(jobs.count), \(job.id)"
  }

  /// `indices` and all jobs that depend on them, directly or not.
  func downstream(of indices: Set<Int>) -> Set<Int> {
    jobs.reduce(into: indices) { found, job in
      if !found.isDisjoint(with: job.upstream) { found.insert(job.index) }
    }
  }

  /// `indices` and all jobs on which they depend, directly or not.
  func upstream(of indices: Set<Int>) -> Set<Int> {
    jobs.reversed().reduce(into: indices) { found, job in
      if found.contains(job.index) { found.formUnion(job.upstream) }
    }
  }
}

/// One run of a stage: the whole stage, or one point of its matrix.
public struct Job: Sendable {
  /// The index in the plan.
  public let index: Int
  let stage: String
  /// The value on each axis of the matrix; empty without a matrix.
  let point: MatrixPoint
  var command: Command
  /// The output folder.
  let output: String
  /// The indices of the jobs whose outputs it reads.
  var upstream: [Int] = []
  /// The files and folders that it reads and no job writes.
  var sources: [Scalar] = []
  let resources: Resources
  /// The position of the stage in the manifest.
  let position: SourcePosition

  /// The stage and the point, such as `train/model=dlnc,seed=1`.
  public var id: String { point.isEmpty ? stage : "\(stage)/\(point.folder)" }

  /// Whether it is one of those that differ in the fold of a cross-validation.
  public var isFold: Bool { point[MatrixPoint.fold] != nil }
}

/// A point of a matrix: a value for each axis, in order.
struct MatrixPoint: Sendable {
  var values: [(axis: String, value: String)] = []

  /// The axis of cross-validation.
  static let fold = "fold"

  var isEmpty: Bool { values.isEmpty }
  /// The name of the job's folder, such as `model=dlnc,seed=1`.
  var folder: String { values.map { "\($0.axis)=\($0.value)" }.joined(separator: ",") }

  subscript(axis: String) -> String? { values.first { $0.axis == axis }?.value }

  /// Whether both have the same value on every axis that they share.
  func isCompatible(with other: MatrixPoint) -> Bool {
    values.allSatisfy { axis, value in other[axis].map { $0 == value } ?? true }
  }
}
