import DLNC
import Support
import Tokenization

extension Classifier {
  /// Signs that the last training was useless, one line each, with the step that helps.
  /// - Parameter dataset: the dataset that the model was trained on.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public func trainingWarnings(_ dataset: TokenizedDataset) throws -> [String] {
    if kind == .baseline(.majority) { return [] }
    let results = try learnedTasks.compactMap { try majorityWarning($0, dataset) }
    let features = ngramCounts.filter { $0.count == 0 }.map { task, _ in
      "\(task): 0 n-gram features, because no word of the vocabulary occurs in two training rows; a "
        + "bag of words then only knows the frequencies of the classes; look at the warnings of vocab"
    }
    let absent = try learnedTasks.compactMap { try absentClassWarning($0, dataset) }
    guard let network = self as? Model else { return features + absent + results }
    let signs = features + network.lossWarnings + results
    return absent + network.warmupWarnings(isUseless: !signs.isEmpty) + signs
  }

  /// The number of n-grams of each task that has a bag of words.
  private var ngramCounts: [(task: String, count: Int)] {
    if let linear = self as? LinearModel {
      return zip(linear.tasks, linear.features).map { ($0.name, $1) }
    }
    let layers = (self as? Model)?.parameters.ngramLayers ?? [:]
    return learnedTasks.compactMap { task in layers[task].map { (task, $0.ngrams.count) } }
  }

  private func absentClassWarning(_ task: String, _ dataset: TokenizedDataset) throws -> String? {
    guard let rows = try dataset.shard(task, .train) else { return nil }
    let present = Set(zip(rows.classNames, rows.classCounts).filter { $0.1 > 0 }.map(\.0))
    let absent = (classNames(of: task) ?? []).filter { !present.contains($0) }
    if absent.isEmpty { return nil }
    return "\(task): no training rows of " + absent.map { "“\($0)”" }.joined(separator: ", ")
      + ", which the model will hardly predict any more; add earlier rows of each class"
  }

  /// On fewer rows, a good model can be worse than the most frequent class by chance.
  private static var fewestRows: Int { 30 }

  private func majorityWarning(_ task: String, _ dataset: TokenizedDataset) throws -> String? {
    guard let accuracy = validationScore(of: task)?.accuracy,
      let rows = try dataset.shard(task, .validation)
    else { return nil }
    let counts = rows.classCounts
    guard rows.count >= Self.fewestRows, let most = counts.max(), most < rows.count else {
      return nil
    }
    // In a multi-label task both are micro-F1.
    let share =
      rows.isMultiLabel
      ? Double(2 * most) / Double(rows.count + counts.reduce(0, +))
      : Double(most) / Double(rows.count)
    guard accuracy <= share else { return nil }
    return
      "\(task): the validation \(rows.isMultiLabel ? "micro-F1" : "accuracy") of "
      + "\(NumberFormat.percent(accuracy)) % is not above that of always predicting the most frequent "
      + "class, \(NumberFormat.percent(share)) %; check the labels, look at the warnings of vocab, or "
      + "train longer"
  }
}

extension Model {
  /// The factor by which the warm-up has to exceed the training to be reported in any case. A training
  /// that reaches a third of the learning rate can still succeed.
  private static let maxWarmupFactor = 3

  /// The relative decrease of the training loss that counts.
  private static let minimumDecrease = 0.001

  /// - Parameter isUseless: whether there are other signs.
  fileprivate func warmupWarnings(isUseless: Bool) -> [String] {
    guard let settings = settings[stage], settings.epochs > 0 else { return [] }
    let rows = learnedTasks.compactMap { trainingData(of: $0)?.rows }
    let steps = settings.epochs * BatchOrder.batchCounts(rows, settings).reduce(0, +)
    let warmup = settings.warmup.steps(of: steps)
    let isExcessive = warmup / max(steps, 1) >= Self.maxWarmupFactor
    guard steps < warmup, isExcessive || isUseless else { return [] }
    return [
      "the warm-up of \(warmup) steps is longer than the training of \(steps), so that the "
        + "learning rate reached only "
        + "\(NumberFormat.percent(Double(steps) / Double(warmup), 0)) % of its peak; give "
        + "--warmup \(TrainingSettings().warmup), which is a fraction of the steps, or more --epochs"
    ]
  }

  fileprivate var lossWarnings: [String] {
    learnedTasks.compactMap { task in
      let losses = (curve?.points ?? []).filter { $0.task == task }.map(\.trainLoss)
      guard let first = losses.first, let least = losses.dropFirst().min(),
        least > first * (1 - Self.minimumDecrease)
      else { return nil }
      return "\(task): the training loss never fell below that of the first epoch, "
        + "\(NumberFormat.fixed(first, 4)); try another --learning-rate"
    }
  }
}
