import DLNC

/// The learning curve of one training run on one task.
struct RunCurve {
  var variant: ModelVariant
  var seed: Int
  /// The fold that was left out for testing; nil without folds.
  var fold: Int?
  var task: EvaluationTask
  /// The curve of the run, with the points of all its tasks.
  var curve: LearningCurve

  /// The points of the task.
  var points: [LearningCurve.Point] { curve.points.filter { $0.task == task.name } }
}

/// The learning curves of one model on one task, over its seeds.
struct CurveGroup {
  /// The values of one quantity at one epoch over the seeds.
  struct EpochStatistics: Equatable {
    var epoch: Int
    var mean: Double
    var low: Double
    var high: Double
  }

  let variant: ModelVariant
  let task: EvaluationTask
  let curves: [RunCurve]

  /// Groups curves that differ only in their seeds; nil if there are none.
  init?(_ curves: [RunCurve]) {
    guard let first = curves.first else { return nil }
    (variant, task, self.curves) = (first.variant, first.task, curves)
  }

  /// The runs that values are averaged over: `seed`, or `run` if some differ only in their folds.
  var runs: String { curves.contains { $0.fold != nil } ? "run" : "seed" }

  /// The heading, such as `IMDB: DLNC, fine-tuned`.
  var title: String { "\(task.title): \(variant.title)" }

  /// The statistics of each epoch, over the seeds that reached it.
  func statistics(_ quantity: (LearningCurve.Point) -> Double?) -> [EpochStatistics] {
    var values: [Int: [Double]] = [:]
    for point in curves.flatMap(\.points) {
      guard let value = quantity(point), value.isFinite else { continue }
      values[point.epoch, default: []].append(value)
    }
    return values.sorted { $0.key < $1.key }.compactMap { epoch, values in
      guard let mean = mean(values), let low = values.min(), let high = values.max() else {
        return nil
      }
      return EpochStatistics(epoch: epoch, mean: mean, low: low, high: high)
    }
  }

  /// The means over the seeds.
  var table: Table {
    func column(
      _ heading: String, _ values: [EpochStatistics], percent: Bool
    ) -> Table.Column<Int> {
      .number(heading) { epoch in
        let mean = values.first { $0.epoch == epoch }?.mean
        return Table.Cell(percent ? NumberFormat.percent(mean) : NumberFormat.fixed(mean, 3))
      }
    }
    let measure = task.measure.rawValue
    let isValidated = !statistics(\.validationLoss).isEmpty
    return Table(
      Set(curves.flatMap(\.points).map(\.epoch)).sorted(),
      [
        .number("Epoch") { Table.Cell(String($0)) },
        column("Train loss", statistics(\.trainLoss), percent: false),
        isValidated
          ? column("Validation loss", statistics(\.validationLoss), percent: false) : nil,
        column("Train \(measure)", statistics(\.trainAccuracy), percent: true),
        isValidated
          ? column("Validation \(measure)", statistics(\.validationAccuracy), percent: true) : nil,
      ])
  }
}
