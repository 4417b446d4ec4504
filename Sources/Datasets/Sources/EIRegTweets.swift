import Safetensors
import Shards
import Support

/// Reads the English EI-reg data of SemEval-2018 Task 1 from its archive or folder.
public struct EIRegTweets: DatasetReader {
  /// Rows of a lower intensity are dropped.
  public var threshold: FixedPointDecimal
  /// How the rows are divided.
  public var split: EIRegSplit
  /// What the division depends on besides the texts.
  public var seed: UInt64
  /// So many training rows are held out for validation in place of the official dev set; for the
  /// splits `random` and `randomNear`.
  public var heldOut: Int?

  /// A reader with these settings.
  public init(threshold: FixedPointDecimal, split: EIRegSplit, seed: UInt64, heldOut: Int? = nil) {
    self.threshold = threshold
    self.split = split
    self.seed = seed
    self.heldOut = heldOut
  }

  /// Reads the archive at `path`.
  /// - Throws: ``UserError``; a file that is missing is of kind `data`.
  public func read(path: String, into series: ShardWriter) throws -> IngestReport {
    let archive = try Archive(path: path)
    var files: [EIRegFile: (place: String, rows: [EIRegRow])] = [:]
    var strangers = UnrecognizedFiles()
    while let member = try archive.next() {
      guard let file = EIRegFile(path: member.path) else {
        strangers.append(member.path)
        continue
      }
      if let other = files[file] {
        throw UserError(
          .data, at: member.place,
          problem: "a second file of \(Dataset.eiReg.classNames[file.emotion]) \(file.part.name)",
          expected: "only \(other.place)", hint: "keep one of the two")
      }
      var rows: [EIRegRow] = []
      let place = member.place
      try member.forEachLine { line in
        if let row = try EIRegRow(line, file: file, place: place) { rows.append(row) }
      }
      files[file] = (place, rows)
    }
    try demand(files.mapValues(\.place), at: path, strangers: strangers)
    return try divide(files.mapValues(\.rows), at: path, into: series)
  }

  /// Checks that every file is there that the split needs.
  private func demand(_ places: [EIRegFile: String], at path: String, strangers: UnrecognizedFiles)
    throws
  {
    guard !places.isEmpty else { throw unknownArchive(path, looking: .eiReg, found: strangers) }
    var missing: [String] = []
    for part in split.parts {
      for (emotion, label) in Dataset.eiReg.classNames.enumerated()
      where places[EIRegFile(emotion: emotion, part: part)] == nil {
        missing.append("\(label) \(part.name)")
      }
    }
    guard missing.isEmpty else {
      throw UserError(
        .data, at: path, problem: "no EI-reg file for \(missing.joined(separator: ", "))",
        expected: "the parts that the split “\(split.rawValue)” needs, for every emotion",
        hint: "use the whole SemEval2018-Task1-all-data.zip, or choose another --split")
    }
  }

  private func divide(
    _ files: [EIRegFile: [EIRegRow]], at path: String, into series: ShardWriter
  ) throws -> IngestReport {
    var tally = IngestReport(.eiReg)
    var kept: [EIRegFile.Part: [EIRegRow]] = [:]
    for part in EIRegFile.Part.allCases {
      var counts: [Int] = []
      for emotion in Dataset.eiReg.classNames.indices {
        guard let rows = files[EIRegFile(emotion: emotion, part: part)] else { continue }
        let keepers = keep(rows, part, &tally)
        counts.append(keepers.count)
        kept[part, default: []] += keepers
      }
      if counts.count == Dataset.eiReg.classNames.count, part != .testBlind {
        tally.found("\(part.name), kept", Dataset.eiReg.classNames, counts)
      }
    }
    PublishedCounts.check(files, into: &tally)
    let splits = split.divide(kept, seed: seed, heldOut: heldOut, tally: &tally)
    return try series.write(
      splits, dataset: .eiReg, splitScheme: split.rawValue, tally: tally, at: path)
  }

  /// The rows that count, the others entered in the account. Mystery rows go first: they are none
  /// of the task's, whatever their score.
  private func keep(
    _ rows: [EIRegRow], _ part: EIRegFile.Part, _ tally: inout IngestReport
  ) -> [EIRegRow] {
    guard part != .testBlind else {
      tally.skip("rows of test files without scores", rows.count)
      return []
    }
    tally.read(rows.count)
    return rows.filter { row in
      if row.isMystery {
        tally.drop("mystery row")
      } else if row.text.isEmpty {
        tally.drop("no text")
      } else if let score = row.score {
        if score >= threshold { return true }
        tally.drop("intensity below \(threshold)")
      } else {
        tally.drop("no score")
      }
      return false
    }
  }
}

extension EIRegFile {
  init(emotion: Int, part: Part) {
    self.emotion = emotion
    self.part = part
  }
}
