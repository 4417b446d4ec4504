import Shards
import Support

/// A row whose label looks wrong.
struct SuspectLabel {
  let split: Split
  /// The ID of the row, or its location in the data.
  let id: String
  let text: String
  let label: String
  /// The most probable other class.
  let suggestion: String
  /// The probability of the suggestion if only it and the label are possible, above 0.5.
  let score: Double
}

/// The rows of a task whose labels look wrong: another class is more probable to bags of words that were
/// fitted without the row. A classifier that has learned a wrong label would agree with it.
struct LabelCheck {
  let task: EvaluationTask
  /// The number of rows that were checked.
  let rows: Int
  /// The rows with the highest scores first, and equal ones in the order of the data.
  let suspects: [SuspectLabel]

  /// The number of rows in the report; the table has all.
  static let listed = 20

  /// Checks rows of a task.
  /// - Parameters:
  ///   - probabilities: those of the classes without the row, [rows, classes].
  ///   - split: the split of a row.
  ///   - text: the text of a row.
  init(
    _ task: EvaluationTask, _ shard: TokenShard, probabilities: [Double],
    split: (Int) -> Split, text: (Int) -> String
  ) {
    let names = shard.classNames
    let scores = shard.labels.enumerated().map { row, label -> (other: Int, score: Double) in
      let own = probabilities[row * names.count + Int(label)]
      let other = names.indices.filter { $0 != Int(label) }.reduce((-1, 0.0)) { best, index in
        let value = probabilities[row * names.count + index]
        return value > best.1 ? (index, value) : best
      }
      return (other.0, other.1 / max(other.1 + own, .leastNonzeroMagnitude))
    }
    self.task = task
    rows = shard.count
    suspects = scores.indices.filter { scores[$0].score > 0.5 }.sorted {
      (scores[$1].score, $0) < (scores[$0].score, $1)
    }.map { row in
      SuspectLabel(
        split: split(row), id: shard.id(of: row), text: text(row),
        label: names[Int(shard.labels[row])], suggestion: names[scores[row].other],
        score: scores[row].score)
    }
  }

  /// How many rows were checked and found.
  var summary: String {
    "\(NumberFormat.grouped(suspects.count)) of \(NumberFormat.grouped(rows)) rows look more like another "
      + "class than like their label"
  }

  /// The rows of `suspects.csv` of several tasks, with a line of names.
  static func csv(_ checks: [LabelCheck]) -> String {
    CSV.row(["task", "split", "id", "text", "label", "suggestion", "score"])
      + checks.flatMap { check in
        check.suspects.map { row in
          CSV.row([
            check.task.title, row.split.rawValue, row.id, row.text, row.label, row.suggestion,
            NumberFormat.fixed(row.score, 4),
          ])
        }
      }.joined()
  }
}
