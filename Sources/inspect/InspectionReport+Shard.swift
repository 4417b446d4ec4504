import Safetensors
import Shards
import Support

extension InspectionReport {
  /// Texts and their classes.
  mutating func describeExamples(_ file: SafetensorsFile, rows: Int) throws {
    let frame = try ShardHeader(file, format: "examples", elements: "text")
    let text: [UInt8] = try file.values("text", shape: [nil])
    kind = "examples, the texts and classes of one split of a task"
    add("facts", facts: facts(frame) + [("bytes of text", .integer(text.count))])
    addShares(frame)
    addLengths(frame, "bytes")
    add(
      "rows", head: ["row", "class", "text"],
      rows: sample(rows, of: frame.labels.count).map { row in
        let bytes = text[Int(frame.offsets[row])..<Int(frame.offsets[row + 1])]
        return [.integer(row), .text(frame.label(row)), .text(Self.cut(bytes))]
      })
  }

  /// Texts as numbers of words, and their classes. The words are shown if the vocabulary is there.
  mutating func describeTokens(_ file: SafetensorsFile, rows: Int) throws {
    let frame = try ShardHeader(file, format: "tokens", elements: "token")
    let tokens: [Int32] = try file.values("token", shape: [nil])
    let words = try? Words(vocabularyIn: path.parentPath.parentPath)
    kind = "tokens, the texts of one split of a task as numbers of words, and their classes"
    add(
      "facts",
      facts: facts(frame) + [
        ("tokens", .integer(tokens.count)), ("distinct words", .integer(Set(tokens).count)),
        ("unknown", .share(Double(tokens.count { $0 == 0 }) / Double(tokens.count))),
      ])
    addShares(frame)
    addLengths(frame, "tokens")
    add(
      "rows", head: ["row", "class", words == nil ? "numbers" : "words"],
      rows: sample(rows, of: frame.labels.count).map { row in
        let line = tokens[Int(frame.offsets[row])..<Int(frame.offsets[row + 1])]
        let shown = line.prefix(40).map { words?[Int($0)] ?? "\($0)" }
        return [
          .integer(row), .text(frame.label(row)),
          .text(shown.joined(separator: " ") + (line.count > 40 ? " …" : "")),
        ]
      })
  }

  private func facts(_ frame: ShardHeader) -> [Fact] {
    var facts: [Fact] = [("task", .text(frame.task)), ("split", .text(frame.split))]
    if !frame.splitScheme.isEmpty { facts.append(("setup", .text(frame.splitScheme))) }
    facts.append(("rows", .integer(frame.labels.count)))
    facts.append(("distinct texts", .integer(Set(frame.groups).count)))
    return facts
  }

  private mutating func addShares(_ frame: ShardHeader) {
    var counts = [Int](repeating: 0, count: frame.classNames.count)
    for label in frame.labels { counts[Int(label)] += 1 }
    add(
      "classes", head: ["class", "rows", "share"],
      rows: zip(frame.classNames, counts).map { label, count in
        [
          .text(label), .integer(count), .share(Double(count) / Double(frame.labels.count)),
        ]
      })
  }

  /// The lengths of the rows: at each quantile the smallest length that so many rows do not exceed.
  private mutating func addLengths(_ frame: ShardHeader, _ unit: String) {
    let lengths = zip(frame.offsets.dropFirst(), frame.offsets).map { Int($0 - $1) }.sorted()
    guard let shortest = lengths.first, let longest = lengths.last else { return }
    let quantiles = [
      ("25th percentile", 0.25), ("median", 0.5), ("75th percentile", 0.75),
      ("95th percentile", 0.95),
    ]
    var facts: [Fact] = [("shortest", .integer(shortest))]
    for (name, share) in quantiles {
      let rank = Int((share * Double(lengths.count)).rounded(.up))
      facts.append((name, .integer(lengths[max(0, rank - 1)])))
    }
    facts.append(("longest", .integer(longest)))
    facts.append(("mean", .number(Double(frame.offsets.last ?? 0) / Double(lengths.count), 1)))
    add("lengths", "length in \(unit)", facts: facts)
  }

  /// The beginning of a text.
  private static func cut(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.unicodeScalars.count > 160
      ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(160))) + " …" : text
  }
}

extension ShardHeader {
  /// The name of a row's class.
  fileprivate func label(_ row: Int) -> String { classNames[Int(labels[row])] }
}
