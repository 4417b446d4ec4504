/// What the name of an English EI-reg file says of it. Names differ between releases
/// (`EI-reg-En-anger-train.txt`, `2018-EI-reg-En-anger-test-gold.txt`, `EI-reg-en_anger_train.txt`,
/// `anger-ratings-0to1.train.txt`), so their words are looked at, not their shape.
struct EIRegFile: Hashable {
  /// The published parts of the data.
  enum Part: Int, CaseIterable {
    case train
    case dev
    case testGold
    /// The test as given to the contestants, without scores.
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

  /// An index into the labels of the data set.
  var emotion: Int
  var part: Part

  /// Nothing if the file is none of the English EI-reg files.
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
