import DLNC
import Shards

extension ModelConfiguration {
  /// Adds the logits of cross-fitted n-gram classifiers to the training rows of each task, if the
  /// network has an n-gram layer.
  ///
  /// Tasks that share their linear layer have one classifier, fitted to the rows of all of them.
  /// - Parameters:
  ///   - features: the features, with the word vectors before training.
  ///   - seed: determines the folds.
  ///   - threads: the number of threads; does not change the result.
  /// - Returns: the classifiers by task, fitted to all training rows; empty without the layer.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func fitNgramLayers(
    to data: inout [TaskDataset], _ features: BagOfWordsFeatures, seed: Int, threads: Int
  ) throws -> [String: LinearClassifier] {
    guard ngrams != nil else { return [:] }
    var layers: [String: LinearClassifier] = [:]
    for members in groups(of: data) {
      let rows =
        members.count == 1
        ? data[members[0]].train : try TaskDataset(pooling: members.map { data[$0] }).train
      let fit = try CrossFit(
        rows, features, classWeights: data[members[0]].classWeights, seed: seed, threads: threads)
      var first = 0
      for index in members {
        let shard = data[index].train
        layers[shard.task] = fit.classifier.assigned(to: data[index])
        data[index].ngramLogits = fit.logits(first..<first + shard.count, shard.classNames)
        first += shard.count
      }
    }
    return layers
  }

  /// Fits these classifiers again, to more training rows, with the same penalties.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func refitNgramLayers(
    _ layers: inout [String: LinearClassifier], to data: [TaskDataset],
    _ features: BagOfWordsFeatures, threads: Int
  ) throws {
    for members in groups(of: data) {
      let tasks = members.map { data[$0] }
      let trials = layers[tasks[0].train.task]?.summary.trials
      guard let penalty = trials?.first?.penalty else { continue }
      let rows = tasks.count == 1 ? tasks[0] : try TaskDataset(pooling: tasks)
      let fit = try CrossFit.fit(TfidfDataset(rows, features), penalty, threads)
      for task in tasks { layers[task.train.task] = fit.assigned(to: task) }
    }
  }

  /// The indices of the data of tasks that share a linear layer; other tasks are alone.
  private func groups(of data: [TaskDataset]) -> [[Int]] {
    var groups: [(head: SharedHead?, members: [Int])] = []
    for index in data.indices {
      let head = task(data[index].train.task)?.sharedHead
      if head != nil, let group = groups.firstIndex(where: { $0.head == head }) {
        groups[group].members.append(index)
      } else {
        groups.append((head, [index]))
      }
    }
    return groups.map(\.members)
  }
}

extension LinearClassifier {
  /// The classifier for the rows of a task, with the penalty that it was fitted with.
  fileprivate func assigned(to data: TaskDataset) -> LinearClassifier {
    var summary = TaskClassifier(of: data.train)
    summary.trials = self.summary.trials
    return assigned(to: summary)
  }
}
