import Safetensors
import Support

/// One scored tweet.
struct EIRegRow {
  /// The cleaned text.
  var text: [UInt8]
  /// An index into the labels of the data set.
  var emotion: Int
  /// The intensity of the emotion; nothing where the file says `NONE`.
  var score: FixedPointDecimal?
  /// Whether the row is one of those that were mixed into the test files and belong to no tweet.
  var isMystery: Bool
}

extension EIRegRow {
  /// Reads one line of an EI-reg file: ID, tweet, emotion, intensity, parted by tabs. No quoting is
  /// ever applied, because none is used.
  /// - Returns: nothing for a header or an empty line.
  /// - Throws: ``UserError`` of kind `data` that names the file and the line.
  init?(_ line: RawRecord, file: EIRegFile, place: String) throws {
    guard !line.bytes.isEmpty else { return nil }
    let tab = UInt8(ascii: "\t")
    let fields = line.bytes.split(separator: tab, maxSplits: 4, omittingEmptySubsequences: false)
      .map { UnsafeRawBufferPointer(rebasing: $0) }
    func refuse(_ problem: String, _ expected: String, _ hint: String? = nil) -> UserError {
      UserError(
        .data, at: "\(place): line \(line.number)", problem: problem, expected: expected, hint: hint
      )
    }
    guard fields.count == 4, !line.isTooLong else {
      throw refuse(
        "\(fields.count > 4 ? "more than 4" : "\(fields.count)") fields",
        "4 fields parted by tabs: ID, tweet, affect dimension, intensity score",
        line.isEnded ? "use the publisher's file as it is" : "the file seems cut; fetch it again")
    }
    if line.number == 1, String(decoding: fields[0], as: UTF8.self).lowercased() == "id" {
      guard String(decoding: fields[3], as: UTF8.self).lowercased().contains("score") else {
        throw refuse(
          "a last column called “\(String(decoding: fields[3], as: UTF8.self))”",
          "“Intensity Score”", "this is another subtask; EI-reg files are needed")
      }
      return nil
    }
    let label = Dataset.eiReg.classNames[file.emotion]
    guard String(decoding: fields[2], as: UTF8.self).lowercased() == label else {
      throw refuse("the emotion “\(String(decoding: fields[2], as: UTF8.self))”", "“\(label)”")
    }
    score = FixedPointDecimal(fields[3])
    guard score != nil || fields[3].elementsEqual("NONE".utf8) else {
      throw refuse(
        "the score “\(String(decoding: fields[3].prefix(40), as: UTF8.self))”",
        "decimals from 0 to 1, such as 0.500", "use the publisher's file as it is")
    }
    text = tweetText(fields[1])
    emotion = file.emotion
    isMystery = Self.isMystery(fields[0])
  }

  /// Mystery rows have IDs such as `2018-En-mystery-00001`.
  private static func isMystery(_ id: UnsafeRawBufferPointer) -> Bool {
    id.split(separator: UInt8(ascii: "-")).contains { $0.elementsEqual("mystery".utf8) }
  }
}
