/// A manifest worked out to the last command line: what there is to do, before it is known what of
/// it has been done.
public struct Plan: Sendable {
  /// The name of the manifest.
  public var name: String
  /// The folder of its outputs.
  public var folder: String
  /// Every row after the rows that it reads.
  public var rows: [Job]

  /// The stages in the order of their rows.
  public var stages: [String] {
    rows.map(\.stage).enumerated().filter { index, stage in
      index == 0 || rows[index - 1].stage != stage
    }.map(\.element)
  }

  /// The rows that no other row reads: where the results are.
  public var results: [Job] {
    let read = Set(rows.flatMap(\.upstream))
    return rows.filter { !read.contains($0.index) }
  }

  /// The rows that read `rows`, at whatever distance, together with them.
  func downstream(of rows: Set<Int>) -> Set<Int> {
    self.rows.reduce(into: rows) { found, row in
      if !found.isDisjoint(with: row.upstream) { found.insert(row.index) }
    }
  }

  /// The rows that `rows` read, at whatever distance, together with them.
  func upstream(of rows: Set<Int>) -> Set<Int> {
    self.rows.reversed().reduce(into: rows) { found, row in
      if found.contains(row.index) { found.formUnion(row.upstream) }
    }
  }
}

/// One run of one stage: the stage itself, or one point of its matrix.
public struct Job: Sendable {
  /// Its place in the plan.
  public var index: Int
  /// The stage that it belongs to.
  public var stage: String
  /// Its place on each axis of the matrix; empty without one.
  public var coordinates: MatrixPoint
  /// What is run.
  public var command: Command
  /// The folder that the command writes.
  public var output: String
  /// The rows whose outputs it reads.
  public var upstream: [Int]
  /// The files and folders from elsewhere that it reads.
  public var sources: [Scalar]
  /// What it asks of a cluster.
  public var resources: Resources
  /// Where the stage stands in the manifest.
  var place: SourcePosition

  /// The stage's name and the coordinates, such as `train/model=dlnc,seed=1`.
  public var id: String { coordinates.isEmpty ? stage : "\(stage)/\(coordinates.folder)" }
}

/// A point of a matrix: a value for each of its axes, in their order.
public struct MatrixPoint: Equatable, Sendable {
  /// The axes and the values on them.
  public var values: [(axis: String, value: String)] = []

  /// Whether there is no axis.
  public var isEmpty: Bool { values.isEmpty }
  /// The name of the row's folder, such as `model=dlnc,seed=1`.
  public var folder: String { values.map { "\($0.axis)=\($0.value)" }.joined(separator: ",") }

  subscript(axis: String) -> String? { values.first { $0.axis == axis }?.value }

  /// Whether the two agree on every axis that both have.
  func agrees(with other: MatrixPoint) -> Bool {
    values.allSatisfy { axis, value in other[axis].map { $0 == value } ?? true }
  }

  /// Equal values on the same axes in the same order.
  public static func == (left: Self, right: Self) -> Bool {
    left.values.elementsEqual(right.values) { $0 == $1 }
  }
}
