import Tensors

/// The part that a row plays: learning, choosing, judging.
public enum Split: String, CaseIterable, Sendable {
  /// What a model learns from.
  case train
  /// What settings and the moment to stop are chosen on.
  case validation
  /// What a model is judged on.
  case test
}

/// A text and its class.
struct Example {
  /// Clean text, valid UTF-8.
  var text: [UInt8]
  /// An index into the task's labels.
  var label: Int
}

/// What ingesting one archive yields: a shard for each split, and the account of all rows.
public struct Ingestion: Sendable {
  /// Train, validation and test, in this order.
  public let shards: [ExampleShard]
  /// What was read, kept and dropped.
  public let tally: Tally

  /// Builds the shards; equal texts get equal group numbers, across the splits. The task is called
  /// as in the account.
  /// - Parameter labels: the classes, if the data set does not say what they are.
  /// - Throws: ``Refusal`` of kind `data` if a split is empty or a class has no rows to learn from.
  init(
    dataset: Dataset, labels: [String]? = nil, setup: String = "", splits: [Split: [Example]],
    tally: Tally, at path: String
  ) throws {
    var groups: [TextKey: Int] = [:]
    var tally = tally
    shards = try Split.allCases.map { split in
      var shard = ExampleShard(
        task: tally.task, split: split.rawValue, setup: setup, labels: labels ?? dataset.labels)
      for example in splits[split] ?? [] {
        let key = TextKey(example.text)
        let group = groups[key] ?? groups.count
        groups[key] = group
        shard.append(example.text, label: example.label, group: group)
      }
      try Self.check(shard, of: dataset, at: path)
      tally.add(shard)
      return shard
    }
    self.tally = tally
  }

  private static func check(
    _ shard: ExampleShard, of dataset: Dataset, at path: String
  ) throws {
    guard shard.count > 0 else {
      throw Refusal(
        .data, at: path, saw: "no rows left for the \(shard.split) split of \(shard.task)",
        expected: "at least one row",
        advice: dataset.adviceOnEmptySplits)
    }
    for (label, rows) in zip(shard.labels, shard.classCounts)
    where rows == 0 && shard.split == Split.train.rawValue {
      throw Refusal(
        .data, at: path, saw: "no “\(label)” among the \(shard.count) training rows",
        expected: "rows of every class",
        advice: dataset.adviceOnLostClasses)
    }
  }
}

extension Dataset {
  /// What to do when a split got no rows.
  fileprivate var adviceOnEmptySplits: String {
    switch self {
    case .eiReg: "lower --threshold, or use the whole archive"
    case .yelp, .imdb: "ask for other sizes, or use the whole archive"
    case .labelled: "ask for other sizes with --train, --validation and --test, or add rows"
    }
  }

  /// What to do when a class got no training rows.
  fileprivate var adviceOnLostClasses: String {
    switch self {
    case .yelp, .eiReg, .imdb: "ask for more rows, or draw each class alike with --draw balanced"
    case .labelled:
      "add rows, take fewer away for --test and --validation, or leave the class out of --labels"
    }
  }
}
