import Shards
import Support

/// Reads the English EI-reg data of SemEval-2018 Task 1 from its archive or folder.
struct EIRegTweets: DatasetReader {
  /// Rows of a lower intensity are dropped.
  var threshold: Double
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
    var kept: [EIRegFile.Part: [EIRegRow]] = [:]
    for part in EIRegFile.Part.allCases {
      var counts: [Int] = []
      for emotion in Dataset.eiReg.classNames.indices {
        guard let rows = files[EIRegFile(emotion: emotion, part: part)] else { continue }
        let filtered = filter(rows, part, &report)
        counts.append(filtered.count)
        kept[part, default: []] += filtered
      }
      if counts.count == Dataset.eiReg.classNames.count, part != .testBlind {
        report.addSource("\(part.name), kept", Dataset.eiReg.classNames, counts)
      }
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
      splits, dataset: .eiReg, splitScheme: split.rawValue,
      omitting: validationSize == 0 ? [.validation] : [], report: report, at: path)
  }

  /// The rows that are kept; the others are added to the report. Unlabelled rows are dropped before
  /// their score is considered.
  private func filter(
    _ rows: [EIRegRow], _ part: EIRegFile.Part, _ report: inout IngestReport
  ) -> [EIRegRow] {
    guard part != .testBlind else {
      report.skip("rows of test files without scores", rows.count)
      return []
    }
    report.addRead(rows.count)
    return rows.filter { row in
      if row.isMystery {
        report.drop("mystery row")
      } else if row.text.isEmpty {
        report.drop("no text")
      } else if let score = row.score {
        if score >= threshold { return true }
        report.drop("intensity below \(threshold)")
      } else {
        report.drop("no score")
      }
      return false
    }
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

/// The emotion and part of an English EI-reg file. Names differ between releases
/// (`EI-reg-En-anger-train.txt`, `2018-EI-reg-En-anger-test-gold.txt`, `EI-reg-en_anger_train.txt`,
/// `anger-ratings-0to1.train.txt`), so the words in a name count, not its form.
struct EIRegFile: Hashable {
  /// The published parts of the data.
  enum Part: Int, CaseIterable {
    case train
    case dev
    case testGold
    /// The test rows as given to the contestants, without scores.
    case testBlind

    var name: String {
      switch self {
      case .train: "train"
      case .dev: "dev"
      case .testGold: "test-gold"
      case .testBlind: "test"
      }
    }
  }

  /// An index into the class names.
  var emotion: Int
  var part: Part

  init(emotion: Int, part: Part) {
    self.emotion = emotion
    self.part = part
  }

  /// Nil if the file is not an English EI-reg file.
  init?(path: String) {
    let folders = path.split(separator: "/").dropLast().map { $0.lowercased() }
    let words = (path.split(separator: "/").last ?? "").lowercased()
      .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let isTask =
      words.contains("eireg") || zip(words, words.dropFirst()).contains { $0 == ("ei", "reg") }
    let isForerunner = words.contains("ratings") && words.contains("0to1")
    guard isTask || isForerunner, words.last == "txt", !words.contains("es"), !words.contains("ar"),
      !folders.contains("spanish"), !folders.contains("arabic"),
      let emotion = Dataset.eiReg.classNames.firstIndex(where: { words.contains(Substring($0)) })
    else { return nil }
    self.emotion = emotion
    if words.contains("train") || words.contains("training") {
      part = .train
    } else if words.contains("dev") || words.contains("development") {
      part = .dev
    } else if words.contains("gold") || folders.contains("test-gold") && words.contains("test") {
      part = .testGold
    } else if words.contains("test") {
      part = .testBlind
    } else {
      return nil
    }
  }
}

/// One rated tweet.
struct EIRegRow {
  /// The publisher's ID, such as `2017-En-10264`.
  var id: String
  /// The normalized text.
  var text: [UInt8]
  /// The text as it was written.
  var source: [UInt8]
  /// An index into the class names.
  var emotion: Int
  /// The intensity of the emotion; nil where the file says `NONE`.
  var score: Double?
  /// Whether the row is one of the sentences that were mixed into the test files; their IDs look like
  /// `2018-En-mystery-00001`.
  var isMystery: Bool
}

extension EIRegRow {
  /// Parses a line: ID, tweet, emotion and intensity, separated by tabs, without quoting. Nil for a
  /// header or an empty line.
  /// - Throws: ``UserError`` with exit status `data` that names the file and the line.
  init?(_ line: Line, of file: EIRegFile, at location: String) throws {
    guard !line.bytes.isEmpty else { return nil }
    let fields = line.bytes.split(
      separator: UInt8(ascii: "\t"), maxSplits: 4, omittingEmptySubsequences: false
    ).map { UnsafeRawBufferPointer(rebasing: $0) }
    func text(_ field: Int) -> String { String(decoding: fields[field].prefix(40), as: UTF8.self) }
    func error(_ problem: String, _ expected: String, _ hint: String? = nil) -> UserError {
      UserError(
        .data, at: "\(location): line \(line.number)", problem: problem, expected: expected,
        hint: hint)
    }
    guard fields.count == 4, !line.isTooLong else {
      throw error(
        fields.count > 4 ? "more than 4 fields" : NumberFormat.count(fields.count, "field"),
        "4 fields separated by tabs: ID, tweet, affect dimension, intensity score",
        line.isEnded ? "use the publisher's file as it is" : "the file seems cut; fetch it again")
    }
    if line.number == 1, text(0).lowercased() == "id" {
      guard text(3).lowercased().contains("score") else {
        throw error(
          "a last column called “\(text(3))”", "“Intensity Score”",
          "this is another subtask; EI-reg files are needed")
      }
      return nil
    }
    let emotionName = Dataset.eiReg.classNames[file.emotion]
    guard text(2).lowercased() == emotionName else {
      throw error("the emotion “\(text(2))”", "“\(emotionName)”")
    }
    score = Double(share: String(decoding: fields[3], as: UTF8.self))
    guard score != nil || fields[3].elementsEqual("NONE".utf8) else {
      throw error(
        "the score “\(text(3))”", "decimals from 0 to 1, such as 0.500",
        "use the publisher's file as it is")
    }
    id = String(decoding: fields[0].trimmingBlanks, as: UTF8.self)
    self.text = tweetText(fields[1])
    source = Array(fields[1])
    emotion = file.emotion
    isMystery = fields[0].split(separator: UInt8(ascii: "-"))
      .contains { $0.elementsEqual("mystery".utf8) }
  }
}
