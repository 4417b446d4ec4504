import Tokenization
import Datasets
import Shards
import Foundation
import Support

/// Parts of the stage at work by themselves: what the benchmark times, the same code that makes a
/// vocabulary.
package enum TokenizationBenchmark {
  /// Cuts the texts of a file, one a line, into words and counts these.
  /// - Returns: how many words there are, and how many different ones.
  /// - Throws: what reading the file throws.
  package static func count(linesOf path: String) throws -> (words: Int64, types: Int) {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(task: "task", split: .train, classNames: ["label"]))
    var splitter = LineSplitter(maxLength: Line.maxLength)
    let add = { (line: Line) in
      builder.append(line.bytes, label: 0, textID: builder.count)
    }
    try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { try splitter.split($0, add) }
    try splitter.finish(add)
    var examples = CorpusTokenizer(tokenizer: Tokenizer(.ptb))
    let shard = builder.shard
    var split = CorpusTokenizer.SplitStatistics(shard)
    examples.count(shard, into: &split)
    let counts = split.counts
    return (counts.reduce(0, +), counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) })
  }

  /// Takes the vectors of the given words out of a file.
  /// - Returns: how many of the words have one.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  package static func vectors(
    of words: [[UInt8]], in path: String, dimension: Int
  ) throws -> Int {
    var wanted = TokenInterner(capacity: words.count)
    for word in words { wanted.add(word) }
    var reader = GloVeReader(
      wanted: wanted, needed: wanted.count, settled: wanted.count, extraLimit: 0,
      dimension: dimension)
    try reader.read(try GloVeFile(path: path, dimension: dimension))
    return reader.tally.taken
  }
}
