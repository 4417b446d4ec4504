import Shards
import Support
import Tokenization

/// Tokenizes the text shards of several tasks in two passes: the first counts the words, the second
/// makes token shards once every word has its id. Memory holds one shard at a time.
struct CorpusTokenizer {
  /// One split of one task.
  struct SplitStatistics {
    let task: String
    let split: Split
    let splitScheme: String
    let classNames: [String]
    /// The files of the split, in order.
    var paths: [String] = []
    /// The rows of each file to keep; nil for all.
    var keptRows: [[Int]]?
    /// The number of rows.
    var rows = 0
    /// The number of rows without tokens.
    var emptyRows = 0
    /// The number of occurrences of each word, by its index in ``CorpusTokenizer/words``. Words that
    /// were first seen after this split are missing at the end.
    var counts: [Int64] = []

    init(_ shard: TextShard) {
      (task, split, splitScheme) = (shard.task, shard.split, shard.splitScheme)
      classNames = shard.classNames
    }
  }

  /// The splits in the order of the folders; within each, train, validation, test. Unlabelled texts of
  /// all folders follow.
  private(set) var splits: [SplitStatistics] = []
  /// The words of all splits in order of appearance, after the unknown word, which has index 0.
  private(set) var words = TokenInterner()
  private let tokenizer: Tokenizer
  private let tokens = TokenBuffer()
  private var filter: UnlabelledFilter
  /// The numbers of unlabelled texts by task.
  var unlabelled: [UnlabelledCounts] { filter.counts }

  init(tokenizer: Tokenizer, keepsHeldOutTexts: Bool = false) {
    self.tokenizer = tokenizer
    filter = UnlabelledFilter(keepsHeldOutTexts: keepsHeldOutTexts)
    words.add(Vocabulary.unknown)
  }

  /// Reads the splits of each task from outputs of `ingest`, and counts their words.
  /// - Throws: ``UserError`` with exit status `noInput` if a folder has none, `data` or `usage`.
  mutating func count(folders: [String], log: (String) -> Void) throws {
    let folders = try folders.map { folder in
      let splits = try Split.allCases
        .map { (split: $0, paths: try ShardFiles.paths(of: $0, in: folder)) }
        .filter { !$0.paths.isEmpty }
      guard !splits.isEmpty else {
        throw UserError(
          .noInput, at: folder, problem: "no train, validation or test.safetensors",
          expected: "the output of ingest", hint: "run ingest first, or check the path")
      }
      return splits
    }
    let all = folders.joined()
    let unlabelled = all.filter { $0.split == .unlabelled }
    for (split, paths) in all where split != .unlabelled {
      try count(split, paths, notesTexts: !unlabelled.isEmpty, log: log)
    }
    for (split, paths) in unlabelled { try count(split, paths, notesTexts: false, log: log) }
  }

  /// - Parameter notesTexts: whether unlabelled texts are compared with those of the split.
  private mutating func count(
    _ name: Split, _ paths: [String], notesTexts: Bool, log: (String) -> Void
  ) throws {
    var split: SplitStatistics?
    for path in paths {
      var shard = try TextShard(path: path)
      try check(shard, is: name, at: path)
      var counted = split ?? SplitStatistics(shard)
      try counted.check(shard, at: path)
      if notesTexts { filter.add(labelled: shard) }
      if name == .unlabelled {
        let rows = filter.rows(of: shard)
        counted.keptRows = (counted.keptRows ?? []) + [rows]
        shard = shard.unlabelledRows(rows)
      }
      count(shard, into: &counted)
      counted.paths.append(path)
      split = counted
    }
    guard let split else { return }
    if let counts = filter.counts.last, name == .unlabelled, split.rows == 0 {
      throw UserError(
        .data, at: paths[0],
        problem:
          "no unlabelled text of “\(split.task)” is left: \(counts.heldOut) are validation or "
          + "test texts, \(counts.repeated) repeat others",
        expected: "texts that are not among the labelled rows", hint: "ingest other texts")
    }
    splits.append(split)
    log("read \(NumberFormat.count(split.rows, "row")) of \(split.task), \(name.rawValue)")
  }

  private func check(_ shard: TextShard, is name: Split, at path: String) throws {
    guard shard.split == name else {
      throw UserError(
        .data, at: path, problem: "the split “\(shard.split.rawValue)”",
        expected: "“\(name.rawValue)”, as the file says", hint: "run ingest again")
    }
    guard isFolderName(shard.task) else {
      throw UserError(
        .data, at: path, problem: "the task “\(shard.task)”",
        expected: "a name of letters, digits, “-”, “_” and “.” that can be a folder's")
    }
    if splits.contains(where: { $0.task == shard.task && $0.split == name }) {
      throw UserError(
        .usage, at: path, problem: "the task “\(shard.task)” a second time",
        expected: "each task in one folder of examples",
        hint: "name each folder once, or ingest one of them with another --name")
    }
  }

  /// Counts the words of a shard.
  mutating func count(_ shard: TextShard, into split: inout SplitStatistics) {
    var indices: [Int32] = []
    split.rows += shard.count
    for row in 0..<shard.count {
      shard.row(row).withContiguousStorageIfAvailable { tokenizer.tokenize($0, into: tokens) }
      indices.removeAll(keepingCapacity: true)
      words.add(tokens, to: &indices)
      if indices.isEmpty { split.emptyRows += 1 }
      if split.counts.count < words.count {
        split.counts += repeatElement(0, count: words.count - split.counts.count)
      }
      for index in indices where index > 0 { split.counts[Int(index)] += 1 }
    }
  }

  /// Reads every shard again, and calls `body` with its tokens. A row without tokens becomes one
  /// unknown word.
  /// - Parameters:
  ///   - ids: the id of each of `words`.
  ///   - body: called with a shard, its part number from 1, and the number of parts of its split.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`, and the errors of `body`.
  func forEachShard(
    ids: [Int32], _ body: (TokenShard, _ part: Int, _ count: Int) throws -> Void
  ) throws {
    for split in splits {
      for (part, path) in split.paths.enumerated() {
        var shard = try TextShard(path: path)
        if let rows = split.keptRows?[part] { shard = shard.unlabelledRows(rows) }
        try body(
          encode(shard, ids, keepsText: keepsText(of: split)), part + 1, split.paths.count)
      }
    }
  }

  /// Whether the texts of a split are kept beside its tokens, to be shown with predictions. Those of
  /// training rows are only if the task has no others, and those of unlabelled rows never.
  private func keepsText(of split: SplitStatistics) -> Bool {
    guard split.split != .unlabelled else { return false }
    return split.split != .train || !splits.contains { $0.task == split.task && $0.split != .train }
  }

  private func encode(_ shard: TextShard, _ ids: [Int32], keepsText: Bool) -> TokenShard {
    var (encoded, offsets): ([Int32], [Int64]) = ([], [0])
    var unknownWords: [[UInt8]] = []
    for row in 0..<shard.count {
      shard.row(row).withContiguousStorageIfAvailable { tokenizer.tokenize($0, into: tokens) }
      let row = TokenRow(
        tokens, ids: words.ids(of: tokens).map { $0 < 0 ? 0 : ids[Int($0)] })
      encoded += row.ids
      unknownWords.append(row.unknownWords)
      offsets.append(Int64(encoded.count))
    }
    return TokenShard(
      shard.header, elements: encoded, offsets: offsets, labels: shard.labels,
      labelSets: shard.labelSets, textIDs: shard.textIDs, ids: shard.ids,
      sources: keepsText ? StringColumn((0..<shard.count).map { shard.source(of: $0) }) : nil,
      unknownWords: StringColumn(unknownWords))
  }
}

extension CorpusTokenizer.SplitStatistics {
  /// Checks that a shard belongs to this split.
  /// - Throws: ``UserError`` with exit status `data`.
  fileprivate func check(_ shard: TextShard, at path: String) throws {
    guard (shard.task, shard.splitScheme) == (task, splitScheme), shard.classNames == classNames
    else {
      throw UserError(
        .data, at: path, problem: "another task or other classes than in the part before",
        expected: "parts of one split", hint: "run ingest again")
    }
  }
}

/// Whether `name` can be the name of a folder in the output.
private func isFolderName(_ name: String) -> Bool {
  !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
    && name.unicodeScalars.allSatisfy {
      "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || ["-", "_", "."].contains($0)
    }
}
