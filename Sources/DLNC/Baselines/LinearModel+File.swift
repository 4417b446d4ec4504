import Foundation
import Safetensors
import Shards
import Support
import Tokenization

extension LinearModel {
  /// The metadata of a model file.
  struct ModelConfiguration: Codable {
    var seed: Int
    var tasks: [TaskClassifier]
  }

  /// The model as a file. The linear layers have the same names and layouts as those of networks,
  /// with the n-grams of their columns:
  ///
  ///     head.<task>.weight   F32 [classes, features]
  ///     head.<task>.bias     F32 [classes]
  ///     ngram.<task>         I32 [words, 2]      token ids; (id, 0) is a unigram
  ///     rarity.<task>        F32 [features]      inverse document frequencies
  ///
  /// The features are the unigrams and bigrams and, if the configuration has their lengths, the
  /// character n-grams, in the ascending order of their UTF-8 bytes. Spaces mark the ends of a word.
  ///
  ///     characters.<task>         U8 [bytes]          the character n-grams, concatenated
  ///     characters.<task>.offset  I64 [characters+1]  where each begins, and the end
  ///
  /// Tasks that were pooled have the tensors of the first of them.
  ///
  /// The tensors `vocabulary.*` hold the vocabulary; everything else is metadata, with the baseline as
  /// `kind`.
  /// - Throws: an error of JSON encoding.
  public func document() throws -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: [
      "format": "model",
      "version": modelFormatVersion(hasLabelSets: tasks.contains { $0.labelThresholds != nil }),
      "kind": baseline.rawValue,
      "configuration": try encode(ModelConfiguration(seed: seed, tasks: tasks)),
    ])
    for classifier in classifiers where classifier.ownsTensors { classifier.store(in: &document) }
    try vocabulary.store(inModel: &document)
    return document
  }

  /// Reads an opened model file.
  /// - Throws: ``UserError`` with exit status `data` unless the file has exactly the expected tensors,
  ///   with valid shapes and values.
  init(_ file: SafetensorsFile) throws {
    guard let baseline = Baseline(rawValue: file.metadata["kind"] ?? "") else {
      throw UserError(
        .data, at: "\(file.path): metadata “kind”", problem: "“\(file.metadata["kind"] ?? "")”",
        expected: Baseline.allCases.map(\.rawValue).joined(separator: " or "),
        hint: "use a newer version of this program, or train the model again")
    }
    let configuration: ModelConfiguration = try decode("configuration", of: file)
    try checkTasks(configuration.tasks.map { ($0.name, $0.classNames) }, at: file.path)
    if let task = configuration.tasks.first(where: { !$0.trials.indices.contains($0.kept) }) {
      throw UserError(
        .data, at: "\(file.path): configuration",
        problem: "task “\(task.name)”, selected trial \(task.kept)",
        expected: "the index of a trial", hint: "train the model again")
    }
    for task in configuration.tasks {
      try task.calibration?.check(of: task.name, at: file.path)
      try task.labelThresholds?.check(of: task.name, task.classNames, at: file.path)
    }
    let vocabulary = try Vocabulary(file)
    let classifiers = try Self.classifiers(
      configuration.tasks, in: file, vocabulary)
    self.init(
      baseline: baseline, vocabulary: vocabulary, seed: configuration.seed, classifiers: classifiers
    )
    guard baseline == .bagOfWords || classifiers.allSatisfy({ $0.ngrams.count == 0 }) else {
      throw UserError(
        .data, at: file.path, problem: "a majority model with features",
        expected: "only intercepts", hint: "train the model again")
    }
    let known = classifiers.filter(\.ownsTensors).flatMap { $0.tensors() }
    try file.refuseTensors(but: known + Vocabulary.modelTensorNames)
  }
}

extension LinearClassifier {
  /// The names of the tensors that every classifier of a task has; `prefix` is that of weights and
  /// intercepts.
  private static func names(_ task: String, _ prefix: String) -> [String] {
    [
      "\(prefix).\(task).weight", "\(prefix).\(task).bias", "ngram.\(task)",
      "\(rarityPrefix)\(task)",
    ]
  }

  /// The names of the tensors with inverse document frequencies begin with this.
  static let rarityPrefix = "rarity."

  /// The name of the tensor of a task's character n-grams.
  private static func charactersName(_ task: String) -> String { "characters.\(task)" }

  /// The names of all tensors of the classifier.
  func tensors(prefix: String = "head") -> [String] {
    let characters = Self.charactersName(summary.name)
    return Self.names(summary.name, prefix)
      + (ngrams.characters == nil ? [] : [characters, "\(characters).offset"])
  }

  /// Adds the tensors of the classifier to a file.
  func store(in document: inout SafetensorsDocument, prefix: String = "head") {
    let names = Self.names(summary.name, prefix)
    let (features, classCount) = (ngrams.count, summary.classNames.count)
    let rows = (0..<classCount).flatMap { label in
      (0..<features).map { weights[$0 * classCount + label] }
    }
    document.set(names[0], shape: [classCount, features], rows)
    document.set(names[1], shape: [classCount], Array(weights.suffix(classCount)))
    document.set(
      names[2], shape: [ngrams.keys.count, 2],
      ngrams.keys.flatMap { key in
        // The key of a unigram is its token id.
        key >> 32 == 0
          ? [Int32(truncatingIfNeeded: key), 0]
          : [Int32(truncatingIfNeeded: key >> 32), Int32(truncatingIfNeeded: key)]
      })
    document.set(names[3], shape: [features], ngrams.idf + (ngrams.characters?.idf ?? []))
    if let characters = ngrams.characters?.ngrams {
      StringColumn(bytes: characters.bytes, offsets: characters.offsets.map { Int64($0) })
        .write(to: &document, as: Self.charactersName(summary.name))
    }
  }

  /// Reads the classifier of a task.
  /// - Throws: ``UserError`` with exit status `data`.
  init(
    _ task: TaskClassifier, in file: SafetensorsFile, _ vocabulary: Vocabulary,
    prefix: String = "head"
  ) throws {
    let names = Self.names(task.name, prefix)
    let classCount = task.classNames.count
    let idf = try file.numbers(names[3], shape: [nil])
    let pairs = try file.integers(names[2], shape: [nil, 2])
    let words = pairs.count / 2
    let hasCharacters = task.characters != nil
    guard hasCharacters ? words <= idf.count : words == idf.count else {
      throw UserError(
        .data, at: "\(file.path): tensor “\(names[2])”", problem: "\(words) n-grams",
        expected: "\(hasCharacters ? "at most " : "")the \(idf.count) of “\(names[3])”",
        hint: "train the model again")
    }
    let rows = try file.numbers(names[0], shape: [classCount, idf.count])
    let intercepts: [Float] = try file.values(names[1], shape: [classCount])
    for (name, values) in [(names[0], rows), (names[1], intercepts), (names[3], idf)] {
      if let bad = values.firstIndex(where: { !$0.isFinite || (name == names[3] && $0 <= 0) }) {
        throw UserError(
          .data, at: "\(file.path): tensor “\(name)”, element \(bad)", problem: "\(values[bad])",
          expected: name == names[3] ? "a number above 0" : "a number",
          hint: "train the model again")
      }
    }
    let keys = try (0..<words).map { feature in
      let (first, second) = (pairs[2 * feature], pairs[2 * feature + 1])
      guard first > 0, second >= 0, first < vocabulary.count, second < vocabulary.count
      else {
        throw UserError(
          .data, at: "\(file.path): tensor “\(names[2])”, row \(feature)",
          problem: "\(first), \(second)", expected: "token ids below \(vocabulary.count)",
          hint: "train the model again")
      }
      return second == 0 ? UInt64(first) : UInt64(first) << 32 | UInt64(second)
    }
    guard zip(keys, keys.dropFirst()).allSatisfy(<) else {
      throw UserError(
        .data, at: "\(file.path): tensor “\(names[2])”", problem: "n-grams out of order",
        expected: "each once, unigrams before bigrams, in ascending order",
        hint: "train the model again")
    }
    var weights = [Float](repeating: 0, count: rows.count + classCount)
    for label in 0..<classCount {
      for feature in idf.indices {
        weights[feature * classCount + label] = rows[label * idf.count + feature]
      }
    }
    weights.replaceSubrange(rows.count..., with: intercepts)
    var ngrams = TfidfVectorizer(keys: keys, idf: Array(idf[..<words]))
    ngrams.characters = try task.characters.map { lengths in
      CharacterVectorizer(
        CharacterSource(lengths: lengths, vocabulary: vocabulary),
        ngrams: try Self.characters(task.name, count: idf.count - words, in: file),
        idf: Array(idf[words...]))
    }
    self.init(summary: task, ngrams: ngrams, weights: weights)
  }

  /// Reads the character n-grams of a task.
  /// - Throws: ``UserError`` with exit status `data` unless they are texts in ascending order.
  private static func characters(
    _ task: String, count: Int, in file: SafetensorsFile
  ) throws -> TokenInterner {
    let name = charactersName(task)
    let (bytes, offsets) = try StringColumn(name, rows: count, in: file).arrays
    let parts = UTF8Parts(bytes)
    for index in 0..<count {
      let ngram = bytes[offsets[index]..<offsets[index + 1]]
      guard parts.isText(ngram.indices), !ngram.isEmpty,
        index == 0 || bytes[offsets[index - 1]..<offsets[index]].lexicographicallyPrecedes(ngram)
      else {
        throw UserError(
          .data, at: "\(file.path): tensor “\(name)”, n-gram \(index)",
          problem: "“\(String(decoding: ngram, as: UTF8.self))”",
          expected: "texts in the ascending order of their bytes", hint: "train the model again")
      }
    }
    // They ascend, so they are distinct.
    return TokenInterner(bytes: bytes, offsets: offsets) ?? TokenInterner()
  }
}

extension LinearModel {
  /// Reads the classifiers of tasks; those of a pool have the tensors of its first task.
  /// - Throws: ``UserError`` with exit status `data`.
  static func classifiers(
    _ tasks: [TaskClassifier], in file: SafetensorsFile, _ vocabulary: Vocabulary
  ) throws -> [LinearClassifier] {
    var classifiers: [LinearClassifier] = []
    for task in tasks {
      guard let pool = task.pool, pool != task.name else {
        classifiers.append(try LinearClassifier(task, in: file, vocabulary))
        continue
      }
      guard let first = classifiers.first(where: { $0.summary.name == pool }),
        first.summary.pool == pool, Set(first.summary.classNames) == Set(task.classNames),
        first.summary.classNames.count == task.classNames.count,
        first.summary.characters == task.characters,
        (first.summary.labelThresholds == nil) == (task.labelThresholds == nil)
      else {
        throw UserError(
          .data, at: "\(file.path): configuration", problem: "task “\(task.name)”, pool “\(pool)”",
          expected: "an earlier task with the same classes", hint: "train the model again")
      }
      classifiers.append(first.assigned(to: task))
    }
    return classifiers
  }
}
