import Shards
import Support

/// Reads the English EI-reg data of SemEval-2018 Task 1 from its archive or folder.
struct EIRegTweets: DatasetReader {
  /// Rows of a lower intensity are dropped.
  var threshold: Double
  /// Whether a row is a tweet with all of its emotions, not a tweet with one of them.
  var isMultiLabel = false
  /// How the rows are divided.
  var split: SplitScheme
  /// The seed of the split.
  var seed: UInt64
  /// The number of training rows to hold out for validation in place of the official dev set; only
  /// for the splits `random` and `randomNear`.
  var validationSize: Int?

  private struct RatedFile {
    var location: String
    var rows: [EIRegRow]
  }

  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport {
    var files: [EIRegFile: RatedFile] = [:]
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      guard let file = EIRegFile(path: entry.path) else {
        try unrecognized.append(entry)
        continue
      }
      let location = entry.location
      if let other = files[file] {
        throw UserError(
          .data, at: location,
          problem: "a second file of \(Dataset.eiReg.classNames[file.emotion]) \(file.part.name)",
          expected: "only \(other.location)", hint: "keep one of the two")
      }
      var rows: [EIRegRow] = []
      try entry.forEachLine { line in
        if let row = try EIRegRow(line, of: file, at: location) { rows.append(row) }
      }
      files[file] = RatedFile(location: location, rows: rows)
    }
    guard !files.isEmpty else { throw unrecognized.error(at: archive.path, expecting: .eiReg) }
    try requireParts(Set(files.keys), at: archive.path)
    return try write(files.mapValues(\.rows), at: archive.path, to: writer)
  }

  /// Checks that every file that the split needs exists.
  private func requireParts(_ files: Set<EIRegFile>, at path: String) throws {
    var missing: [String] = []
    for part in split.parts {
      for (emotion, name) in Dataset.eiReg.classNames.enumerated()
      where !files.contains(EIRegFile(emotion: emotion, part: part)) {
        missing.append("\(name) \(part.name)")
      }
    }
    guard missing.isEmpty else {
      throw UserError(
        .data, at: path, problem: "no EI-reg file for \(missing.joined(separator: ", "))",
        expected: "the parts that the split “\(split.rawValue)” needs, for every emotion",
        hint: "use the whole SemEval2018-Task1-all-data.zip, or choose another --split")
    }
  }

  private func write(
    _ files: [EIRegFile: [EIRegRow]], at path: String, to writer: ShardWriter
  ) throws -> IngestReport {
    var report = IngestReport(.eiReg)
    let classNames = Dataset.eiReg.classNames
    var kept: [EIRegFile.Part: [Example]] = [:]
    var complete: [EIRegFile.Part] = []
    for part in EIRegFile.Part.allCases {
      let parts = classNames.indices.compactMap { files[EIRegFile(emotion: $0, part: part)] }
      for rows in parts { kept[part, default: []] += examples(rows, part, &report) }
      if parts.count == classNames.count, part != .testBlind { complete.append(part) }
    }
    if isMultiLabel { kept = mergingTweets(kept, &report) }
    for part in complete {
      var counts = RowCounts(classCount: classNames.count, isMultiLabel: isMultiLabel)
      for row in kept[part] ?? [] { counts.add(row.labels) }
      report.addSource("\(part.name), kept", classNames, counts)
    }
    checkPublishedCounts(files, &report)
    let splits = split.divide(kept, seed: seed, validationSize: validationSize, report: &report)
    if let validationSize, let held = splits[.validation]?.count, validationSize > held,
      splits[.train]?.isEmpty == true
    {
      throw UserError(
        .usage, at: "--validation \(validationSize)",
        problem: "only \(NumberFormat.count(held, "training row"))",
        expected: "fewer rows than there are for training", hint: "ask for fewer")
    }
    return try writer.write(
      splits, dataset: .eiReg, isMultiLabel: isMultiLabel,
      splitScheme: split.rawValue + (isMultiLabel ? ", multi-label" : ""),
      omitting: validationSize == 0 ? [.validation] : [], report: report, at: path)
  }

  /// The rows that are kept; the others are added to the report. Unlabelled rows are dropped before
  /// their score is considered.
  private func examples(
    _ rows: [EIRegRow], _ part: EIRegFile.Part, _ report: inout IngestReport
  ) -> [Example] {
    guard part != .testBlind else {
      report.skip("rows of test files without scores", rows.count)
      return []
    }
    report.addRead(rows.count)
    return rows.compactMap { row in
      if row.isMystery {
        report.drop("mystery row")
      } else if row.text.isEmpty {
        report.drop("no text")
      } else if let score = row.score {
        if score >= threshold {
          return Example(text: row.text, labels: [row.emotion], id: row.id, source: row.source)
        }
        report.drop("intensity below \(threshold)")
      } else {
        report.drop("no score")
      }
      return nil
    }
  }

  /// One row for each tweet of the parts that the split needs, with the emotions of all its kept rows. A
  /// tweet of several parts is kept in the last of them only, so that no text is both learned and tested.
  private func mergingTweets(
    _ rows: [EIRegFile.Part: [Example]], _ report: inout IngestReport
  ) -> [EIRegFile.Part: [Example]] {
    let parts = split.parts
    var labels: [TextKey: Set<Int>] = [:]
    for row in parts.lazy.flatMap({ rows[$0] ?? [] }) {
      labels[TextKey(row.text), default: []].formUnion(row.labels)
    }
    var result = rows
    for part in parts.reversed() {
      result[part] = rows[part]?.compactMap { row in
        guard let labels = labels.removeValue(forKey: TextKey(row.text)) else { return nil }
        var row = row
        row.labels = labels.sorted()
        return row
      }
      report.drop(
        "another row of a tweet, whose emotions are one row",
        (rows[part]?.count ?? 0) - (result[part]?.count ?? 0))
    }
    return result
  }

  /// The published numbers of rows without mystery rows, by emotion.
  private static let publishedCounts: [EIRegFile.Part: [Int]] = [
    .train: [1701, 2252, 1616, 1533], .dev: [388, 389, 290, 397],
    .testGold: [1002, 986, 1105, 975],
  ]
  private static let publishedMysteryRows = 16_937

  /// Warns about files with other counts than published, if any file has the published count.
  private func checkPublishedCounts(
    _ files: [EIRegFile: [EIRegRow]], _ report: inout IngestReport
  ) {
    var differences: [String] = []
    var agrees = false
    for part in [EIRegFile.Part.train, .dev, .testGold] {
      for (emotion, name) in Dataset.eiReg.classNames.enumerated() {
        guard let rows = files[EIRegFile(emotion: emotion, part: part)],
          let expected = Self.publishedCounts[part]?[emotion]
        else { continue }
        let mysteryRows = rows.count { $0.isMystery }
        let count = rows.count - mysteryRows
        guard count == expected else {
          differences.append("\(name) \(part.name): \(count) rows instead of \(expected)")
          continue
        }
        agrees = true
        if part == .testGold, mysteryRows != Self.publishedMysteryRows {
          differences.append(
            "\(name) \(part.name): \(mysteryRows) mystery rows, not \(Self.publishedMysteryRows)")
        }
      }
    }
    if agrees { differences.forEach { report.warn($0) } }
  }
}
