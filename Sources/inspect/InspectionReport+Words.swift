import Tokenization
import VocabularyBuilding
import Safetensors
import Support

extension InspectionReport {
  /// Words and how often they occur.
  mutating func describeVocabulary(_ file: SafetensorsFile, rows: Int) throws {
    let words = try Words(file, metadata: file.metadata)
    kind = "a vocabulary, the words that a model knows"
    add(
      "facts",
      facts: [
        ("words", .integer(words.count)), ("tokenizer", .text(Self.tokenizer(words.metadata))),
        ("occurrences", .integer(Self.sum(words.counts))),
        ("of them unknown", .integer(Int(words.counts.first ?? 0))),
        ("words of the vectors alone", .integer(words.counts.dropFirst().count { $0 == 0 })),
      ])
    add(
      "rows", head: ["number", "word", "count"],
      rows: sample(rows, of: words.count).map {
        [.integer($0), .text(words[$0] ?? ""), .integer(Int(words.counts[$0]))]
      })
  }

  /// A vector for each word.
  mutating func describeEmbedding(_ file: SafetensorsFile, rows: Int) throws {
    let vectors = try Vectors(file)
    let known =
      file.header.tensors["embedding.known"] == nil
      ? nil : try file.values("embedding.known", shape: [vectors.count], as: UInt8.self)
    let words = try? Words(vocabularyIn: path.parentPath)
    kind = "an embedding, a vector for each word of a vocabulary"
    var facts: [Fact] = [
      ("words", .integer(vectors.count)), ("dimension", .integer(vectors.dimension)),
    ]
    if let known { facts.append(("rows that were drawn", .integer(known.count { $0 == 0 }))) }
    let norms = (0..<vectors.count).map(vectors.norm)
    facts.append(("least norm", .number(norms.min() ?? .nan, 4)))
    facts.append(("mean norm", .number(norms.reduce(0, +) / Double(norms.count), 4)))
    facts.append(("greatest norm", .number(norms.max() ?? .nan, 4)))
    add("facts", facts: facts)
    add(
      "rows", head: ["number", "word", "vector"],
      rows: sample(rows, of: vectors.count).map { row in
        let numbers = vectors[row].prefix(6).map { NumberFormat.fixed(Double($0), 3) }
        return [
          .integer(row), .text(words?[row] ?? NumberFormat.none),
          .text(numbers.joined(separator: " ") + (vectors.dimension > 6 ? " …" : "")),
        ]
      })
  }

  /// How text becomes words, as far as the metadata of a vocabulary say it.
  static func tokenizer(_ metadata: [String: String]) -> String {
    (try? Tokenizer(metadata: metadata, path: "").description) ?? "not said"
  }

  private static func sum(_ counts: [Int64]) -> Int {
    counts.reduce(0) { sum, count in
      let (result, isTooMuch) = sum.addingReportingOverflow(Int(count))
      return isTooMuch ? .max : result
    }
  }
}
