import Shards
import Support

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
