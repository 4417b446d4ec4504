import DLNC
import Shards
import Support
import Tokenization

/// Pooling: one bag of words for all tasks that have the same classes, fitted to the rows of all of
/// them, as if they were one task.
extension LinearModel {
  /// The tasks of each set of class names, in the order of their first task. Multi-label tasks are apart
  /// from others.
  static func pools(_ tasks: [ShardHeader]) -> [[String]] {
    var pools: [(classes: Set<String>, isMultiLabel: Bool, tasks: [String])] = []
    for task in tasks {
      let classes = Set(task.classNames)
      if let index = pools.firstIndex(where: {
        $0.classes == classes && $0.isMultiLabel == task.isMultiLabel
      }) {
        pools[index].tasks.append(task.task)
      } else {
        pools.append((classes, task.isMultiLabel, [task.task]))
      }
    }
    return pools.map(\.tasks)
  }

  /// The tasks of each set of class names, of which at least one must be of several tasks.
  /// - Parameter flag: the flag that asks for it.
  /// - Throws: ``UserError`` with exit status `usage` if no two tasks have the same classes.
  static func pools(_ data: [TaskDataset], for flag: String, at path: String) throws -> [[String]] {
    let pools = pools(data.map(\.train.header))
    guard pools.contains(where: { $0.count > 1 }) else {
      throw UserError(
        .usage, at: flag,
        problem: "no two tasks with the same classes in \(path): "
          + data.map { "\($0.train.task) (\(abbreviated($0.train.classNames)))" }
          .joined(separator: ", "),
        expected: "tasks whose classes have the same names",
        hint: "give the classes the same names with ingest --labels, or leave it out")
    }
    return pools
  }

  /// Fits one classifier to each pool of tasks, and one to each task that has no other to pool with.
  /// - Parameter ratio: the ratio of the penalties if each task has a private part, too; see
  ///   ``SharedWeights``. Nil for one set of weights.
  /// - Returns: the classifiers in the order of `data`.
  /// - Throws: ``UserError`` with exit status `usage` if no two tasks have the same classes, or if a
  ///   fit does not converge.
  static func pooled(
    _ data: [TaskDataset], of dataset: TokenizedDataset, _ features: BagOfWordsFeatures,
    _ penalty: Double?, ratio: Double? = nil, _ settings: BagOfWordsSettings, threads: Int,
    report: (String, TaskClassifier.PenaltyFit) -> Void
  ) throws -> [LinearClassifier] {
    let pools = try pools(
      data, for: ratio == nil ? "--pool-tasks" : "--share-weights", at: dataset.path)
    var classifiers: [String: LinearClassifier] = [:]
    for pool in pools {
      let members = data.filter { pool.contains($0.train.task) }
      let isValidated = members.contains { $0.validation != nil }
      let weights = features.weights
      let candidates = isValidated ? weights.penalties : [weights.defaultPenalty]
      let penalties = penalty.map { [$0] } ?? candidates
      let report = { report(pool.joined(separator: " + "), $0) }
      let fits =
        if let ratio, pool.count > 1 {
          try LinearClassifier.sharing(
            members, features, ratio: ratio, penalties: penalties, keepBy: settings.keepBy,
            threads: threads, report: report)
        } else {
          try LinearClassifier.pooled(
            members, features, penalties: penalties, keepBy: settings.keepBy, threads: threads,
            report: report)
        }
      for (var classifier, member) in zip(fits, members) {
        classifier.summary.pool = pool.count > 1 && ratio == nil ? pool[0] : nil
        classifier.summary.trainingData = try member.digest
        classifiers[member.train.task] = classifier
      }
    }
    return data.compactMap { classifiers[$0.train.task] }
  }
}

extension LinearClassifier {
  /// Fits one classifier to the rows of tasks with the same class names, in any order. The validation
  /// rows of all tasks together choose the penalty.
  /// - Returns: the classifier for each task, with the task's order of classes and metrics.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  static func pooled(
    _ tasks: [TaskDataset], _ features: BagOfWordsFeatures, penalties: [Double],
    keepBy: SelectionCriterion = .accuracy, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws -> [LinearClassifier] {
    let data = try TaskDataset(pooling: tasks)
    let dataset = TfidfDataset(data, features)
    let (fits, best) = try fits(
      dataset, penalties: penalties, keepBy: keepBy, threads: threads, report: report)
    let all =
      try tasks.contains(where: \.fitsValidationRows)
      ? TaskDataset(pooling: tasks.map { $0.allRows ?? $0 }) : nil
    let kept = try kept(
      fits[best], all, features, penalty: penalties[best], threads: threads)
    return tasks.map { task in
      let summary = TaskClassifier(of: task.train)
      let rows = TfidfDataset(task, dataset.ngrams)
      var result = kept.assigned(to: summary)
      result.summary.trials = fits.flatMap { fit in
        fit.summary.trials.map { trial in
          fit.assigned(to: summary).evaluate(
            rows, penalty: trial.penalty, steps: trial.steps, threads: threads)
        }
      }
      result.summary.kept = best
      result.calibrate(by: fits[best].assigned(to: summary), rows, threads: threads)
      result.summary.set(features)
      return result
    }
  }
}

extension TaskDataset {
  /// All rows of tasks with the same class names as those of one task.
  init(pooling tasks: [TaskDataset]) throws {
    let name = tasks.map(\.train.task).joined(separator: " + ")
    let classNames = tasks.first?.train.classNames ?? []
    func pool(_ shards: [TokenShard], _ split: Split) throws -> TokenShard? {
      let shards = try shards.map { try $0.mapped(to: classNames) }
      guard var result = shards.first else { return nil }
      for shard in shards.dropFirst() { result.append(shard) }
      result.header = ShardHeader(
        task: name, split: split, classNames: classNames, isMultiLabel: result.isMultiLabel)
      return result
    }
    let validation = try pool(tasks.compactMap(\.validation), .validation)
    // The tasks of a pool are at least one, and each has training rows.
    self.init(
      train: try pool(tasks.map(\.train), .train) ?? tasks[0].train, validation: validation)
    classWeights = tasks.first?.classWeights
  }
}
