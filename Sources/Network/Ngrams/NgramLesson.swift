import Tensors

/// What a task's n-gram layer learns from and with: the training rows as n-grams, gradient and
/// Adam's moments; or, where the layer is fixed, only the rows' scores by fits that do not know
/// them.
///
/// `@unchecked Sendable`: read by all threads while a batch is computed, changed by one between
/// batches.
final class NgramLesson<R: Real>: @unchecked Sendable {
  /// The layer, ready to be learned.
  let branch: NgramBranch<R>
  /// What the learning rate is multiplied by.
  let rate: Double
  /// Adam's first and second moments, laid out as the weights; empty if these are fixed.
  let m: Buffer<R>, v: Buffer<R>
  /// How many steps the weights have taken.
  var steps = 0
  /// The distinct n-grams of the batch and, in the same order, the gradients of their weights,
  /// [n-grams, classes].
  private(set) var features: [Int32] = []
  let gradient = Buffer<R>()

  private let rows: SparseRows
  private let known: Buffer<R>?
  private let numbering: WordNumbering

  /// Whether the layer's weights learn.
  var learns: Bool { known == nil }

  /// A layer of zeros that learns from the rows of `shard`.
  init(learning shard: TokenShard, rate: Double) {
    let ngrams = NgramTable(shard)
    branch = NgramBranch(ngrams, classes: shard.labels.count)
    self.rate = rate
    m = Buffer(branch.weights.count, filledWith: 0)
    v = Buffer(branch.weights.count, filledWith: 0)
    rows = ngrams.rows(shard, 0..<shard.count)
    known = nil
    numbering = WordNumbering(vocabularySize: ngrams.count)
  }

  /// A layer that is fixed.
  init(fixed fit: CrossFit) {
    let classes = fit.head.summary.labels.count
    branch = NgramBranch(
      fit.head.ngrams, classes: classes, weights: fit.head.weights.map { R($0) })
    (rate, m, v, rows) = (0, Buffer(), Buffer(), SparseRows(width: 0))
    let known = Buffer<R>(fit.scores.count, filledWith: 0)
    for (index, score) in fit.scores.enumerated() { known.start[index] = R(score) }
    self.known = known
    numbering = WordNumbering(vocabularySize: 0)
  }

  /// What `branch` makes of a training row, [classes].
  func scores(_ row: Int, _ branch: NgramBranch<R>, into target: UnsafeMutablePointer<R>) {
    guard let known else { return branch.scores(rows.cells(row), into: target) }
    target.update(from: known.start + row * branch.classes, count: branch.classes)
  }

  /// Adds up the weights' gradient over a batch, slice by slice.
  /// - Returns: the sum of its squares.
  func gather(from passes: [NgramPass<R>]) -> Double {
    features = []
    guard learns else { return 0 }
    let classes = branch.classes
    let most = passes.reduce(0) { $1.rows.reduce($0) { $0 + rows.cellCount($1) } }
    gradient.reserveZeros(most * classes)
    numbering.begin()
    for pass in passes {
      for (place, row) in pass.rows.enumerated() {
        // The last cell is the intercept's, which the linear layer of the network has already.
        for cell in rows.cells(row).dropLast() {
          let number = numbering.number(of: cell.column, next: features.count)
          if number == features.count { features.append(cell.column) }
          for k in 0..<classes {
            gradient.start[number * classes + k] +=
              R(cell.value) * pass.gradient.start[place * classes + k]
          }
        }
      }
    }
    return R.kernels.sumOfSquares(Int64(features.count * classes), gradient.start)
  }
}

extension Configuration {
  /// What the tasks' n-gram layers learn with, made from their training rows; nothing if the
  /// network has no such layers.
  /// - Parameters:
  ///   - seed: decides the folds of cross-fitting.
  ///   - threads: how many to use; changes no byte.
  /// - Throws: ``Refusal`` of kind `usage` if a fit does not end.
  func lessons<R: Real>(
    _ data: [TaskData], seed: Int, threads: Int
  ) throws -> [String: NgramLesson<R>] {
    guard let ngrams else { return [:] }
    var lessons: [String: NgramLesson<R>] = [:]
    for shard in data.map(\.train) {
      switch ngrams.learning {
      case .joint: lessons[shard.task] = NgramLesson(learning: shard, rate: ngrams.rate)
      case .crossfit:
        lessons[shard.task] = NgramLesson(
          fixed: try CrossFit(shard, seed: seed, threads: threads))
      }
    }
    return lessons
  }
}
