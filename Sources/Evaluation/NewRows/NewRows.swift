import DLNC
import Datasets
import Shards
import Support
import Tokenization

/// Labelled rows from `ingest` that models are evaluated on whatever they were trained on, such as
/// rows that arrived after the training. Each model reads the texts with its own vocabulary.
struct NewRows {
  /// The folder.
  let path: String
  /// The name of the task.
  let task: String
  /// Whether a row can have any number of classes, also none.
  let isMultiLabel: Bool
  private let splits: [[TextShard]]

  /// Reads the chosen splits of an output of `ingest`.
  /// - Throws: ``UserError`` with exit status `noInput` if it has none of them, or `data`.
  init(path: String, splits: [Split]) throws {
    let shards = try splits.map { split in
      try ShardFiles.paths(of: split, in: path).map { try TextShard(path: $0) }
    }
    guard let first = shards.flatMap({ $0 }).first else {
      throw UserError(
        .noInput, at: path, problem: "no \(splits.map(\.rawValue).joined(separator: " or ")) rows",
        expected: "the output of ingest",
        hint: "run ingest on the new file, with --train 0 to make all of it test rows")
    }
    (self.path, task, isMultiLabel) = (path, first.task, first.isMultiLabel)
    self.splits = shards.filter { !$0.isEmpty }
  }

  /// The rows of each split as tokens of a model, with its classes.
  /// - Throws: ``UserError`` with exit status `data` if rows have a class that it does not know.
  func shards(for model: any Classifier, at modelPath: String) throws -> [TokenShard] {
    let classNames = model.classNames(of: task) ?? []
    guard (model.labelThresholds(of: task) != nil) == isMultiLabel else {
      let kinds = ["one class", "any number of labels"]
      throw UserError(
        .data, at: path, problem: "rows of “\(task)” with \(kinds[isMultiLabel ? 1 : 0]) each",
        expected: "\(kinds[isMultiLabel ? 0 : 1]), as \(modelPath) learned the task",
        hint: "run ingest \(isMultiLabel ? "without" : "with") --multi-label")
    }
    try check(classNames, of: modelPath)
    let tokens = TokenBuffer()
    return try splits.compactMap { parts in
      guard let header = parts.first?.header else { return nil }
      var builder = ShardBuilder<Int32>(header)
      for part in parts {
        for row in 0..<part.count {
          let tokens = Array(part.row(row)).withUnsafeBufferPointer {
            model.vocabulary.row(of: $0, using: tokens)
          }
          builder.append(
            tokens.ids, classes: part.classes(of: row), textID: Int(part.textIDs[row]),
            id: part.id(of: row), source: Array(part.source(of: row)),
            unknownWords: tokens.unknownWords)
        }
      }
      return try builder.shard.mapped(to: classNames)
    }
  }

  /// Checks that a model with these classes knows those of all rows.
  private func check(_ classNames: [String], of modelPath: String) throws {
    var counts: [String: Int] = [:]
    var example: String?
    for shard in splits.flatMap({ $0 }) {
      for row in 0..<shard.count {
        for name in shard.classes(of: row).map({ shard.classNames[Int($0)] })
        where !classNames.contains(name) {
          counts[name, default: 0] += 1
          let text = String(decoding: shard.row(row).prefix(60), as: UTF8.self)
          example = example ?? "\(shard.id(of: row)), “\(text)”"
        }
      }
    }
    guard let example else { return }
    let unknown = counts.sorted { $0.key < $1.key }.map {
      "“\($0.key)” (\(NumberFormat.count($0.value, "row")))"
    }
    throw UserError(
      .data, at: path,
      problem: "classes of “\(task)” that \(modelPath) does not know: "
        + "\(abbreviated(unknown, limit: 10)); the first at \(example)",
      expected: abbreviated(classNames.map { "“\($0)”" }),
      hint: "map the labels to these classes with ingest --labels, or leave such rows out")
  }
}

extension TestSets {
  /// For each row, whether its text is among those that a model learned the task from, in any stage,
  /// and the folders with the latter; nil if some of these rows are in no folder. Texts are compared
  /// word by word, with all unknown words as one; a text without any known word never counts.
  /// - Throws: ``UserError`` with exit status `data`.
  func repeatsTraining(
    _ shard: TokenShard, of model: any Classifier
  ) throws -> (rows: [Bool], folders: [String])? {
    let task = shard.task
    guard let last = model.trainingData(of: task) else { return nil }
    var result = (rows: [Bool](repeating: false, count: shard.count), folders: [String]())
    for digest in [last] + model.earlierTrainingData(of: task) {
      guard let dataset = folder(of: task, with: digest, for: model),
        var train = try dataset.shard(task, .train)
      else { return nil }
      if digest.validationRows != nil, let validation = try dataset.shard(task, .validation) {
        train.append(validation)
      }
      result.folders.append(dataset.path)
      train = model.vocabulary.mapped(train, from: dataset)
      let known = Set((0..<train.count).compactMap { Self.hash(train.row($0)) })
      let rows = shard.knowing(dataset.vocabulary.count)
      for row in 0..<rows.count {
        if let hash = Self.hash(rows.row(row)), known.contains(hash) { result.rows[row] = true }
      }
    }
    return result
  }

  /// The hash of a row; nil without any known word.
  private static func hash(_ row: some Collection<Int32>) -> UInt64? {
    guard row.contains(where: { $0 != 0 }) else { return nil }
    return Array(row).withUnsafeBytes { TextHash(seed: 0)($0) }
  }
}
