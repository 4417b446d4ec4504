import Foundation
import Safetensors
import Shards
import StageKit
import Support
import Tokenization

extension InspectionReport {
  /// Describes a file by the format in its metadata.
  /// - Throws: ``UserError`` with exit status `data` if it does not have that format.
  mutating func describe(_ file: SafetensorsFile, rows: Int) throws {
    var isForeign = false
    switch file.metadata["format"] {
    case "examples": try describeExamples(file, rows: rows)
    case "tokens": try describeTokens(file, rows: rows)
    case "vocabulary": try describeVocabulary(file, rows: rows)
    case "embedding": try describeEmbedding(file, rows: rows)
    case "model": try describeModel(file)
    default: isForeign = !describeState(file)
    }
    if isForeign { describeForeign(file) }
    let tensors = file.header.tensors.sorted {
      ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key)
    }
    add(
      "tensors",
      header: ["tensor", "type", "shape", "bytes"] + (isForeign ? ["first values"] : []),
      rows: tensors.map { name, info in
        [.text(name), .text(info.type.rawValue), .shape(info.shape), .integer(info.range.count)]
          + (isForeign ? [.text(file.firstValues(of: info, count: rows))] : [])
      })
  }

  // MARK: Shards

  private mutating func describeExamples(_ file: SafetensorsFile, rows: Int) throws {
    let shard = try TextShard(file)
    kind = "examples, the texts and classes of one split of a task"
    addShardFields(shard, [("bytes of text", .integer(shard.elementCount))], unit: "bytes")
    add(
      "rows", header: ["row", "ID", shard.isMultiLabel ? "labels" : "class", "text"],
      rows: sampleIndices(rows, of: shard.count).map { row in
        [
          .integer(row), .text(shard.id(of: row)), .text(shard.classCell(row)),
          .text(Self.truncated(shard.row(row))),
        ]
      })
  }

  /// Shows words if the vocabulary is in the same output folder, otherwise ids.
  private mutating func describeTokens(_ file: SafetensorsFile, rows: Int) throws {
    let shard = try TokenShard(file)
    let tokens = shard.elements
    let vocabulary = try? Vocabulary(
      path: path.parentPath.parentPath.appending(Vocabulary.fileName))
    kind = "tokens, the texts of one split of a task as numbers of words, and their classes"
    addShardFields(
      shard,
      [
        ("tokens", .integer(tokens.count)), ("distinct words", .integer(Set(tokens).count)),
        ("unknown", .fraction(Double(tokens.count { $0 == 0 }) / Double(tokens.count))),
      ], unit: "tokens")
    add(
      "rows",
      header: [
        "row", "ID", shard.isMultiLabel ? "labels" : "class",
        vocabulary == nil ? "numbers" : "words",
      ],
      rows: sampleIndices(rows, of: shard.count).map { row in
        let ids = shard.row(row)
        let shown = ids.prefix(40).map { vocabulary?.word(Int($0)) ?? "\($0)" }
        return [
          .integer(row), .text(shard.id(of: row)), .text(shard.classCell(row)),
          .text(shown.joined(separator: " ") + (ids.count > 40 ? " …" : "")),
        ]
      })
  }

  private mutating func addShardFields<Element>(
    _ shard: Shard<Element>, _ extra: [Field], unit: String
  ) {
    var fields: [Field] = [("task", .text(shard.task)), ("split", .text(shard.split.rawValue))]
    if !shard.splitScheme.isEmpty { fields.append(("setup", .text(shard.splitScheme))) }
    fields.append(("rows", .integer(shard.count)))
    fields.append(("distinct texts", .integer(Set(shard.textIDs).count)))
    if let sets = shard.labelSets {
      let unlabelled = (0..<sets.count).count { sets[$0].isEmpty }
      let mean = Double(sets.labelCount) / Double(max(sets.count, 1))
      fields.append(("labels a row", .number(mean, decimals: 2)))
      fields.append(("rows without label", .integer(unlabelled)))
    }
    add("facts", fields: fields + extra)

    if shard.split != .unlabelled {
      add(
        "classes", header: ["class", "rows", "share"],
        rows: zip(shard.classNames, shard.classCounts).map { name, count in
          [.text(name), .integer(count), .fraction(Double(count) / Double(shard.count))]
        })
    }
    addLengths(shard.lengths, unit: unit)
  }

  /// The distribution of the row lengths. A quantile is the smallest length that this share of the
  /// rows does not exceed.
  private mutating func addLengths(_ lengths: [Int], unit: String) {
    let sorted = lengths.sorted()
    guard let shortest = sorted.first, let longest = sorted.last else { return }
    var fields: [Field] = [("shortest", .integer(shortest))]
    for (name, fraction) in [
      ("25th percentile", 0.25), ("median", 0.5), ("75th percentile", 0.75),
      ("95th percentile", 0.95),
    ] {
      let rank = Int((fraction * Double(sorted.count)).rounded(.up))
      fields.append((name, .integer(sorted[max(0, rank - 1)])))
    }
    fields.append(("longest", .integer(longest)))
    let mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    fields.append(("mean", .number(mean, decimals: 1)))
    add("lengths", title: "length in \(unit)", fields: fields)
  }

  private static func truncated(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.unicodeScalars.count > 160
      ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(160))) + " …" : text
  }

  // MARK: Words

  private mutating func describeVocabulary(_ file: SafetensorsFile, rows: Int) throws {
    let vocabulary = try Vocabulary(file)
    let counts = vocabulary.counts
    kind = "a vocabulary, the words that a model knows"
    let total = counts.reduce(0) { (sum: Int, count) in
      let (result, overflow) = sum.addingReportingOverflow(Int(count))
      return overflow ? .max : result
    }
    add(
      "facts",
      fields: [
        ("words", .integer(vocabulary.count)),
        ("tokenizer", .text(vocabulary.tokenizer.description)),
        ("occurrences", .integer(total)), ("of them unknown", .integer(Int(counts[0]))),
        ("words of the vectors alone", .integer(counts.dropFirst().count { $0 == 0 })),
      ])
    add(
      "rows", header: ["number", "word", "count"],
      rows: sampleIndices(rows, of: vocabulary.count).map {
        [.integer($0), .text(vocabulary.word($0) ?? ""), .integer(Int(counts[$0]))]
      })
  }

  private mutating func describeEmbedding(_ file: SafetensorsFile, rows: Int) throws {
    let embedding = try Embedding(file)
    let vocabulary = try? Vocabulary(path: path.parentPath.appending(Vocabulary.fileName))
    kind = "an embedding, a vector for each word of a vocabulary"
    let norms = (0..<embedding.count).map(embedding.norm)
    add(
      "facts",
      fields: [
        ("words", .integer(embedding.count)), ("dimension", .integer(embedding.dimension)),
        ("rows that were drawn", .integer(embedding.isPretrained.count { !$0 })),
        ("least norm", .number(norms.min() ?? .nan, decimals: 4)),
        ("mean norm", .number(norms.reduce(0, +) / Double(norms.count), decimals: 4)),
        ("greatest norm", .number(norms.max() ?? .nan, decimals: 4)),
      ])
    add(
      "rows", header: ["number", "word", "vector"],
      rows: sampleIndices(rows, of: embedding.count).map { row in
        let numbers = embedding[row].prefix(6).map { NumberFormat.fixed(Double($0), 3) }
        return [
          .integer(row), .text(vocabulary?.word(row) ?? NumberFormat.none),
          .text(numbers.joined(separator: " ") + (embedding.dimension > 6 ? " …" : "")),
        ]
      })
  }

  // MARK: Other files

  /// Describes the checkpoint of an interrupted training, if the file is one.
  private mutating func describeState(_ file: SafetensorsFile) -> Bool {
    guard let state = SavedState(file) else { return false }
    kind = "the state of an interrupted training"
    add(
      "progress",
      fields: [
        ("interrupted at", .text(state.position)),
        ("batches of the epoch done", .integer(state.progress.batch)),
        ("steps done", .integer(state.progress.step)), ("run", .text(state.key)),
      ])
    add(
      "settings", title: "settings", header: ["option", "value"],
      rows: (state.fingerprint?.options ?? []).map {
        [.text($0.name), .text($0.value ?? "(default)")]
      })
    return true
  }

  /// Describes a file that this project did not write.
  private mutating func describeForeign(_ file: SafetensorsFile) {
    kind = "a safetensors file that no stage wrote"
    add(
      "metadata",
      fields: file.metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { ($0.key, .text($0.value)) })
  }
}

/// At most `count` indices below `total`, evenly spaced.
private func sampleIndices(_ count: Int, of total: Int) -> [Int] {
  let count = min(count, total)
  return (0..<count).map { $0 * total / count }
}

extension Shard {
  /// The classes of a row in a table.
  fileprivate func classCell(_ row: Int) -> String {
    self.split == .unlabelled
      ? NumberFormat.none : joinedLabels(classes(of: row).map { self.classNames[Int($0)] })
  }
}

extension String {
  /// The path of a file in the folder with this path; the empty path is the current folder.
  func appending(_ name: String) -> String { isEmpty ? name : "\(self)/\(name)" }
}
