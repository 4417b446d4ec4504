import Corpus
import Foundation
import Tensors

/// Parts of the stage at work by themselves: what the benchmark times, the same code that makes a
/// vocabulary.
public enum LexiconExercise {
  /// Cuts the texts of a file, one a line, into words and counts these.
  /// - Returns: how many words there are, and how many different ones.
  /// - Throws: what reading the file throws.
  public static func count(linesOf path: String) throws -> (words: Int64, types: Int) {
    var shard = ExampleShard(task: "task", split: "train", labels: ["label"])
    try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let line = rest.prefix(lengthOfLine(UnsafeRawBufferPointer(rebasing: rest)))
        shard.append(Array(line), label: 0, group: shard.count)
        rest = rest[line.endIndex...].dropFirst()
      }
    }
    var examples = TokenizedExamples(tokenizer: Tokenizer(.ptb))
    let counts = examples.add(shard).counts(words: examples.words.count)
    return (counts.reduce(0, +), counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) })
  }

  /// Takes the vectors of the given words out of a file.
  /// - Returns: how many of the words have one.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  public static func vectors(
    of words: [[UInt8]], in path: String, dimension: Int
  ) throws -> Int {
    var wanted = WordTable(capacity: words.count)
    for word in words { wanted.add(word) }
    var reader = VectorReader(
      wanted: wanted, needed: wanted.count, settled: wanted.count, extraLimit: 0,
      dimension: dimension)
    try reader.read(try VectorFile(path: path, dimension: dimension))
    return reader.tally.taken
  }

  /// How many bytes the first line has.
  private static func lengthOfLine(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let start = bytes.baseAddress,
      let end = memchr(start, Int32(UInt8(ascii: "\n")), bytes.count)
    else { return bytes.count }
    return UnsafeRawPointer(end) - start
  }
}
