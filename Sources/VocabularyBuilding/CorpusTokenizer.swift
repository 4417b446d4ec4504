import Tokenization
import Datasets
import Shards
import Foundation
import Safetensors
import Support

/// The texts of several tasks as numbers of words, all words numbered as they were first met.
struct CorpusTokenizer {
  /// One split of one task.
  struct SplitStatistics {
    let task: String
    let split: Split
    /// How the rows were divided; see ``ShardHeader/splitScheme``.
    let splitScheme: String
    let classNames: [String]
    /// Where the texts are, in parts.
    var paths: [String] = []
    /// How many rows there are.
    var rows = 0
    /// How many rows have no word.
    var emptyRows = 0
    /// How often each word occurs, of the words that were known when the split had been read; the
    /// unknown word never does.
    var counts: [Int64] = []
  }

  /// The splits in the order of the folders, and in each train, validation, test.
  private(set) var splits: [SplitStatistics] = []
  /// Every word of every split; number 0 is the unknown word, which is in no text.
  private(set) var words = TokenInterner()
  private let tokenizer: Tokenizer
  private let tokens = TokenBuffer()

  init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    words.add(Vocabulary.unknown)
  }

  /// Reads the splits of one task from the output of `ingest`, a part at a time.
  /// - Throws: ``UserError`` of kind `noInput` if there are none, `data` if they are not what they
  ///   should be.
  mutating func read(folder: String, log: (String) -> Void) throws {
    let present = try Split.allCases.map { ($0, try ShardFiles.paths(of: $0, in: folder)) }
      .filter { !$0.1.isEmpty }
    guard !present.isEmpty else {
      throw UserError(
        .noInput, at: folder, problem: "no train, validation or test.safetensors",
        expected: "the output of ingest", hint: "run ingest first, or check the path")
    }
    for (name, paths) in present {
      var split: SplitStatistics?
      for path in paths {
        let shard = try TextShard(path: path)
        try check(shard, is: name, at: path)
        var counted = split ?? SplitStatistics(shard)
        try counted.demand(shard, at: path)
        count(shard, into: &counted)
        counted.paths.append(path)
        split = counted
      }
      guard let split else { continue }
      splits.append(split)
      log("read \(split.rows) rows of \(split.task), \(name.rawValue)")
    }
  }

  private func check(_ shard: TextShard, is name: Split, at path: String) throws {
    guard shard.split == name else {
      throw UserError(
        .data, at: path, problem: "the split “\(shard.split.rawValue)”",
        expected: "“\(name.rawValue)”, as the file says",
        hint: "run ingest again")
    }
    guard isFolderName(shard.task) else {
      throw UserError(
        .data, at: path, problem: "the task “\(shard.task)”",
        expected: "a name of letters, digits, “-”, “_” and “.” that can be a folder's")
    }
    if splits.contains(where: { $0.task == shard.task && $0.split == name }) {
      throw UserError(
        .usage, at: path, problem: "the task “\(shard.task)” a second time",
        expected: "each task in one folder of examples", hint: "name each folder once")
    }
  }

  /// Numbers and counts the words of a shard.
  mutating func count(_ shard: TextShard, into split: inout SplitStatistics) {
    var numbers: [Int32] = []
    split.rows += shard.count
    for row in 0..<shard.count {
      shard.row(row).withContiguousStorageIfAvailable { tokenizer.tokenize($0, into: tokens) }
      numbers.removeAll(keepingCapacity: true)
      words.add(tokens, to: &numbers)
      if numbers.isEmpty { split.emptyRows += 1 }
      if split.counts.count < words.count {
        split.counts += repeatElement(0, count: words.count - split.counts.count)
      }
      for number in numbers where number > 0 { split.counts[Int(number)] += 1 }
    }
  }

  /// Calls `body` with each part of each split as numbers of words; a row without any word is one
  /// unknown word. The texts are read again, so that memory holds one part at a time.
  /// - Parameters:
  ///   - ids: the number that each of `words` has got.
  ///   - body: gets the shard, and which part of how many it is.
  /// - Throws: ``UserError`` of kind `noInput` or `data`, and what `body` throws.
  func forEachPart(
    numbering ids: [Int32], _ body: (TokenShard, _ part: Int, _ parts: Int) throws -> Void
  ) throws {
    for split in splits {
      for (part, path) in split.paths.enumerated() {
        let shard = try TextShard(path: path)
        try body(numbered(shard, ids), part + 1, split.paths.count)
      }
    }
  }

  private func numbered(_ shard: TextShard, _ ids: [Int32]) -> TokenShard {
    var (numbers, offsets): ([Int32], [Int64]) = ([], [0])
    for row in 0..<shard.count {
      shard.row(row).withContiguousStorageIfAvailable { tokenizer.tokenize($0, into: tokens) }
      for word in words.numbers(of: tokens) { numbers.append(word < 0 ? 0 : ids[Int(word)]) }
      if tokens.count == 0 { numbers.append(0) }
      offsets.append(Int64(numbers.count))
    }
    return TokenShard(
      shard.header,
      elements: numbers, offsets: offsets, labels: shard.labels, textIDs: shard.textIDs)
  }
}

extension CorpusTokenizer.SplitStatistics {
  /// A split like that of `shard`, of which nothing has been counted yet.
  init(_ shard: TextShard) {
    (task, split, splitScheme) = (shard.task, shard.split, shard.splitScheme)
    classNames = shard.classNames
  }

  /// Makes sure that a shard is a part of this split.
  /// - Throws: ``UserError`` of kind `data`.
  fileprivate func demand(_ shard: TextShard, at path: String) throws {
    guard (shard.task, shard.splitScheme) == (task, splitScheme), shard.classNames == classNames
    else {
      throw UserError(
        .data, at: path, problem: "another task or other classes than in the part before",
        expected: "parts of one split", hint: "run ingest again")
    }
  }
}

/// Whether `name` is safe as the name of a folder inside the output.
private func isFolderName(_ name: String) -> Bool {
  !name.isEmpty && name.utf8.count <= 100 && name.utf8.first != UInt8(ascii: ".")
    && name.utf8.allSatisfy {
      $0.isLetter || $0.isDigit
        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")]
          .contains($0)
    }
}
