/// The learning curves of all seeds of one model on one column, epoch by epoch.
struct CurveGroup {
  /// A quantity that a curve may hold.
  typealias Quantity = KeyPath<LearningCurve.Point, Double?> & Sendable

  /// One epoch of one quantity over the seeds.
  struct Level: Equatable {
    var epoch: Int
    var mean: Double
    /// The lowest and highest value of any seed.
    var low: Double
    var high: Double
  }

  let model: Model
  let column: EvaluationTask
  let curves: [LearningCurve]

  /// What the bundle shows, such as `IMDB: DLNC, fine-tuned`.
  var title: String { "\(column.title): \(model.title)" }

  /// The seeds in the order given.
  var seeds: [Int] { curves.map(\.seed) }

  /// The quantity at each epoch that any seed reached, over the seeds that reached it.
  func levels(_ quantity: Quantity) -> [Level] {
    var values: [Int: [Double]] = [:]
    for point in curves.flatMap(\.points) {
      guard let value = point[keyPath: quantity], value.isFinite else { continue }
      values[point.epoch, default: []].append(value)
    }
    return values.keys.sorted().compactMap { epoch in
      guard let all = values[epoch], let mean = mean(all), let low = all.min(), let high = all.max()
      else { return nil }
      return Level(epoch: epoch, mean: mean, low: low, high: high)
    }
  }

  /// The means over the seeds.
  var table: Table {
    let quantities: [Quantity] = [
      \.trainLoss, \.validationLoss, \.trainAccuracy, \.validationAccuracy,
    ]
    let columns = quantities.map(levels)
    let epochs = Set(columns.flatMap { $0.map(\.epoch) }).sorted()
    return Table(
      headings: [
        .number("Epoch"), .number("Train loss"), .number("Validation loss"),
        .number("Train accuracy"), .number("Validation accuracy"),
      ],
      rows: epochs.map { epoch in
        [Table.Cell(String(epoch))]
          + columns.enumerated().map { index, levels in
            let value = levels.first { $0.epoch == epoch }?.mean
            return Table.Cell(
              index < 2 ? NumberFormat.fixed(value, 3) : NumberFormat.percent(value))
          }
      })
  }
}

extension Report {
  /// The curves by column and model, in the order of the tables.
  var curveBundles: [CurveGroup] {
    unique(curves.map(\.column)).flatMap { column in
      Model.ordered(curves.map(\.model)).compactMap { model in
        let found = curves.filter { $0.column == column && $0.model == model }
        return found.isEmpty ? nil : CurveGroup(model: model, column: column, curves: found)
      }
    }
  }
}
