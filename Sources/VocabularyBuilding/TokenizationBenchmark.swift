import Datasets
import Foundation
import Shards
import Tokenization

/// The two expensive parts of `vocab`, for benchmarks.
package enum TokenizationBenchmark {
  /// Tokenizes the lines of a text file and counts their words.
  /// - Throws: the errors of reading the file.
  package static func count(linesOf path: String) throws -> (words: Int64, types: Int) {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(task: "task", split: .train, classNames: ["label"]))
    var splitter = LineSplitter(maxLength: Line.maxLength)
    let append = { (line: Line) in
      builder.append(line.bytes, label: 0, textID: builder.count)
    }
    let text = try Data(contentsOf: URL(fileURLWithPath: path))
    try text.withUnsafeBytes { try splitter.split($0, append) }
    try splitter.finish(append)
    var corpus = CorpusTokenizer(tokenizer: Tokenizer(.ptb))
    let shard = builder.shard
    var split = CorpusTokenizer.SplitStatistics(shard)
    corpus.count(shard, into: &split)
    return (split.counts.reduce(0, +), split.counts.count { $0 > 0 })
  }

  /// Reads the vectors of the given words from a file, and returns how many it has.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  package static func vectors(
    of words: [[UInt8]], in path: String, dimension: Int
  ) throws -> Int {
    var wanted = TokenInterner(capacity: words.count)
    for word in words { wanted.add(word) }
    var reader = GloVeReader(
      wanted: wanted, newCount: wanted.count, vocabularyCount: wanted.count, extraLimit: 0,
      dimension: dimension)
    try reader.read(try GloVeFile(path: path, dimension: dimension))
    return reader.statistics.taken
  }
}
