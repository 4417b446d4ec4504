import Corpus
import Foundation
import Tensors

/// The texts of several tasks as numbers of words, all words numbered as they were first met.
struct TokenizedExamples {
  /// One split of one task.
  struct Split {
    let task: String
    let name: String
    /// How the rows were divided; see ``ExampleShard/setup``.
    let setup: String
    let labels: [String]
    let classes: [Int32]
    let groups: [Int32]
    /// The words of all rows; 0 alone is a row without any word.
    var tokens: [Int32] = []
    /// Where each row begins in `tokens`.
    var offsets: [Int64] = [0]
    /// How many rows have no word.
    var emptyRows = 0

    /// How often each word occurs; the unknown word, which marks empty rows, never does.
    func counts(words: Int) -> [Int64] {
      var counts = [Int64](repeating: 0, count: words)
      for token in tokens { counts[Int(token)] += 1 }
      counts[0] = 0
      return counts
    }
  }

  /// The splits in the order of the folders, and in each train, validation, test.
  private(set) var splits: [Split] = []
  /// Every word of every split; number 0 is the unknown word, which is in no text.
  private(set) var words = WordTable()
  private let tokenizer: Tokenizer
  private let tokens = TokenBuffer()

  /// The splits that a folder of examples may have.
  static let splitNames = ["train", "validation", "test"]

  init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    words.add(Vocabulary.unknown)
  }

  /// Reads the splits of one task from the output of `ingest`.
  /// - Throws: ``Refusal`` of kind `noInput` if there are none, `data` if they are not what they
  ///   should be.
  mutating func read(folder: String, log: (String) -> Void) throws {
    let present = Self.splitNames.filter {
      FileManager.default.fileExists(atPath: "\(folder)/\($0).safetensors")
    }
    guard !present.isEmpty else {
      throw Refusal(
        .noInput, at: folder, saw: "no train, validation or test.safetensors",
        expected: "the output of ingest", advice: "run ingest first, or check the path")
    }
    for name in present {
      let path = "\(folder)/\(name).safetensors"
      let shard = try ExampleShard(path: path)
      try check(shard, is: name, at: path)
      splits.append(add(shard))
      log("read \(shard.count) rows of \(shard.task), \(name)")
    }
  }

  private func check(_ shard: ExampleShard, is name: String, at path: String) throws {
    guard shard.split == name else {
      throw Refusal(
        .data, at: path, saw: "the split “\(shard.split)”", expected: "“\(name)”, as the file says",
        advice: "run ingest again")
    }
    guard isFolderName(shard.task) else {
      throw Refusal(
        .data, at: path, saw: "the task “\(shard.task)”",
        expected: "a name of letters, digits, “-”, “_” and “.” that can be a folder's")
    }
    if splits.contains(where: { $0.task == shard.task && $0.name == name }) {
      throw Refusal(
        .usage, at: path, saw: "the task “\(shard.task)” a second time",
        expected: "each task in one folder of examples", advice: "name each folder once")
    }
  }

  /// Numbers the words of a shard.
  mutating func add(_ shard: ExampleShard) -> Split {
    var split = Split(
      task: shard.task, name: shard.split, setup: shard.setup, labels: shard.labels,
      classes: shard.classes, groups: shard.groups)
    split.offsets.reserveCapacity(shard.count + 1)
    for row in 0..<shard.count {
      shard.row(row).withUnsafeBufferPointer { tokenizer.tokenize($0, into: tokens) }
      if tokens.count == 0 {
        split.tokens.append(0)
        split.emptyRows += 1
      } else {
        words.add(tokens, to: &split.tokens)
      }
      split.offsets.append(Int64(split.tokens.count))
    }
    return split
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
