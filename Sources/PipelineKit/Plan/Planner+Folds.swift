import StageKit

/// The axis of cross-validation. A stage that is given `folds` has a job for each fold and one for all
/// rows; the stages after it follow with `each`, up to the stage that pools the folds.
extension Planner {
  private static let folds = "folds", fold = MatrixPoint.fold
  /// The executable that reads the outputs of all folds.
  private static let poolingExecutable = "evaluate"
  /// The numbers of folds that the stages take.
  static let foldCounts = 2...100

  /// The stage with the axis `fold`, if it is given `folds` and no `fold`.
  mutating func addingFolds(to stage: StageEntry, _ schema: CommandLineSchema) -> StageEntry {
    let given = stage.options + stage.matrix
    guard let folds = given.first(where: { $0.flag.text == Self.folds }),
      !given.contains(where: { $0.flag.text == Self.fold }),
      schema.option(Self.folds) != nil, schema.option(Self.fold) != nil
    else { return stage }
    guard folds.values.count == 1, let count = Int(folds.values[0].text),
      Self.foldCounts.contains(count)
    else {
      report(
        folds.values[0].position, "“\(folds.values.map(\.text).listed)” for “\(Self.folds)”",
        expected: "a number from \(Self.foldCounts.lowerBound) to \(Self.foldCounts.upperBound)")
      return stage
    }
    let position = folds.flag.position
    var stage = stage
    stage.matrix.append(
      Assignment(
        flag: Located(text: Self.fold, position: position),
        values: ((1...count).map(String.init) + ["all"]).map {
          Scalar(Located(text: $0, position: position))
        }, isList: true))
    return stage
  }

  /// Reports a job that reads the outputs of several folds, which only the report may: what is test data of
  /// one fold is training data of the others.
  /// - Returns: whether there was a mistake.
  mutating func reportMixedFolds(
    of value: Scalar, _ matching: [Job], by job: Job, _ executable: String
  ) -> Bool {
    let folds = Set(matching.compactMap { $0.point[Self.fold] })
    guard folds.count > 1, executable != Self.poolingExecutable else { return false }
    // Once for a stage, however many jobs it has.
    guard plan.jobs.last?.stage != job.stage else { return true }
    report(
      value.position, "“\(value.text)” has a job for each fold, and \(job.stage) would read all",
      hint: "give \(job.stage) the line each: \(value.text)")
    return true
  }
}
