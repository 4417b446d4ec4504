import Safetensors
import Shards
import Support

/// What a task's n-gram layer learns from and with: the training rows as n-grams, gradient and
/// Adam's moments; or, where the layer is fixed, only the rows' scores by fits that do not know
/// them.
///
/// `@unchecked Sendable`: read by all threads while a batch is computed, changed by one between
/// batches.
final class NgramLesson<R: Real>: @unchecked Sendable {
  /// The layer, ready to be learned.
  let branch: NgramLayer<R>
  /// What the learning rate is multiplied by.
  let rate: Double
  /// Adam's first and second moments, laid out as the weights; empty if these are fixed.
  let m: AlignedBuffer<R>, v: AlignedBuffer<R>
  /// How many steps the weights have taken.
  var steps = 0
  /// The distinct n-grams of the batch and, in the same order, the gradients of their weights,
  /// [n-grams, classes].
  private(set) var features: [Int32] = []
  let gradient = AlignedBuffer<R>()

  private let rows: CSRMatrix
  private let known: AlignedBuffer<R>?
  private let numbering: UniqueTokens

  /// Whether the layer's weights learn.
  var learns: Bool { known == nil }

  /// A layer of zeros that learns from the rows of `shard`.
  init(learning shard: TokenShard, rate: Double) {
    let ngrams = TfidfVectorizer(shard)
    branch = NgramLayer(ngrams, classCount: shard.classNames.count)
    self.rate = rate
    m = AlignedBuffer(branch.weights.count, filledWith: 0)
    v = AlignedBuffer(branch.weights.count, filledWith: 0)
    rows = ngrams.rows(shard, 0..<shard.count)
    known = nil
    numbering = UniqueTokens(vocabularySize: ngrams.count)
  }

  /// A layer that is fixed.
  init(fixed fit: CrossFit) {
    let classCount = fit.head.summary.classNames.count
    branch = NgramLayer(
      fit.head.ngrams, classCount: classCount, weights: fit.head.weights.map { R($0) })
    (rate, m, v, rows) = (0, AlignedBuffer(), AlignedBuffer(), CSRMatrix(width: 0))
    let known = AlignedBuffer<R>(fit.scores.count, filledWith: 0)
    for (index, score) in fit.scores.enumerated() { known.start[index] = R(score) }
    self.known = known
    numbering = UniqueTokens(vocabularySize: 0)
  }

  /// What `branch` makes of a training row, [classes].
  func scores(_ row: Int, _ branch: NgramLayer<R>, into target: UnsafeMutablePointer<R>) {
    guard let known else { return branch.scores(rows.cells(row), into: target) }
    target.update(from: known.start + row * branch.classCount, count: branch.classCount)
  }

  /// Adds up the weights' gradient over a batch, slice by slice.
  /// - Returns: the sum of its squares.
  func gather(from passes: [NgramLayerPass<R>]) -> Double {
    features = []
    guard learns else { return 0 }
    let classCount = branch.classCount
    let most = passes.reduce(0) { $1.rows.reduce($0) { $0 + rows.cellCount($1) } }
    gradient.reserveZeros(most * classCount)
    numbering.begin()
    for pass in passes {
      for (place, row) in pass.rows.enumerated() {
        // The last cell is the intercept's, which the linear layer of the network has already.
        for cell in rows.cells(row).dropLast() {
          let number = numbering.number(of: cell.column, next: features.count)
          if number == features.count { features.append(cell.column) }
          for k in 0..<classCount {
            gradient.start[number * classCount + k] +=
              R(cell.value) * pass.gradient.start[place * classCount + k]
          }
        }
      }
    }
    return R.kernels.sumOfSquares(Int64(features.count * classCount), gradient.start)
  }
}

extension ModelConfiguration {
  /// What the tasks' n-gram layers learn with, made from their training rows; nothing if the
  /// network has no such layers.
  /// - Parameters:
  ///   - seed: decides the folds of cross-fitting.
  ///   - threads: how many to use; changes no byte.
  /// - Throws: ``UserError`` of kind `usage` if a fit does not end.
  func lessons<R: Real>(
    _ data: [TaskDataset], seed: Int, threads: Int
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
