import Safetensors
import Shards
import Support

extension InspectionReport {
  /// Texts and their classes.
  mutating func describeExamples(_ file: SafetensorsFile, rows: Int) throws {
    let shard = try TextShard(file)
    kind = "examples, the texts and classes of one split of a task"
    add("facts", facts: facts(shard) + [("bytes of text", .integer(shard.elementCount))])
    addShares(shard)
    addLengths(shard, "bytes")
    add(
      "rows", head: ["row", "class", "text"],
      rows: sample(rows, of: shard.count).map { row in
        [.integer(row), .text(shard.className(row)), .text(Self.cut(shard.row(row)))]
      })
  }

  /// Texts as numbers of words, and their classes. The words are shown if the vocabulary is there.
  mutating func describeTokens(_ file: SafetensorsFile, rows: Int) throws {
    let shard = try TokenShard(file)
    let tokens = shard.elements
    let words = try? Words(vocabularyIn: path.parentPath.parentPath)
    kind = "tokens, the texts of one split of a task as numbers of words, and their classes"
    add(
      "facts",
      facts: facts(shard) + [
        ("tokens", .integer(tokens.count)), ("distinct words", .integer(Set(tokens).count)),
        ("unknown", .share(Double(tokens.count { $0 == 0 }) / Double(tokens.count))),
      ])
    addShares(shard)
    addLengths(shard, "tokens")
    add(
      "rows", head: ["row", "class", words == nil ? "numbers" : "words"],
      rows: sample(rows, of: shard.count).map { row in
        let line = shard.row(row)
        let shown = line.prefix(40).map { words?[Int($0)] ?? "\($0)" }
        return [
          .integer(row), .text(shard.className(row)),
          .text(shown.joined(separator: " ") + (line.count > 40 ? " …" : "")),
        ]
      })
  }

  private func facts<Element>(_ shard: Shard<Element>) -> [Fact] {
    var facts: [Fact] = [("task", .text(shard.task)), ("split", .text(shard.split.rawValue))]
    if !shard.splitScheme.isEmpty { facts.append(("setup", .text(shard.splitScheme))) }
    facts.append(("rows", .integer(shard.labels.count)))
    facts.append(("distinct texts", .integer(Set(shard.textIDs).count)))
    return facts
  }

  private mutating func addShares<Element>(_ shard: Shard<Element>) {
    var counts = [Int](repeating: 0, count: shard.classNames.count)
    for label in shard.labels { counts[Int(label)] += 1 }
    add(
      "classes", head: ["class", "rows", "share"],
      rows: zip(shard.classNames, counts).map { label, count in
        [
          .text(label), .integer(count), .share(Double(count) / Double(shard.labels.count)),
        ]
      })
  }

  /// The lengths of the rows: at each quantile the smallest length that so many rows do not exceed.
  private mutating func addLengths<Element>(_ shard: Shard<Element>, _ unit: String) {
    let lengths = shard.lengths.sorted()
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
    facts.append(("mean", .number(Double(shard.elementCount) / Double(lengths.count), 1)))
    add("lengths", "length in \(unit)", facts: facts)
  }

  /// The beginning of a text.
  private static func cut(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.unicodeScalars.count > 160
      ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(160))) + " …" : text
  }
}

extension Shard {
  /// The name of a row's class.
  fileprivate func className(_ row: Int) -> String { self.classNames[Int(labels[row])] }
}
