import Foundation
import Support
import TestSupport
import Testing
import Tokenization

/// The package in Python that is exported with a model splits texts into the words of our tokenizers.
struct PythonTokenizerTests {
  private static let python = Python.with("numpy", "onnxruntime")
  private static let tokenizers =
    Tokenizer.Punctuation.allCases.flatMap { punctuation in
      [true, false].map { flag in
        Tokenizer(
          .ptb, punctuation: punctuation, splitsHashtags: flag, keepsUserNames: !flag)
      }
    } + [Tokenizer(.twitter)]

  @Test(.python(python, "numpy and onnxruntime"), arguments: tokenizers)
  func `texts have the same words`(tokenizer: Tokenizer) throws {
    let texts = try Self.fixtures + Self.generated + Self.named
    let bench = try TemporaryDirectory()
    let input = Input(
      settings: tokenizer.metadata, unicode: .current, texts: texts)
    try bench.write(try JSONEncoder().encode(input), to: "input.json")
    let run = try #require(Self.python).run(
      Self.script, ["\(Project.root)/Sources/ONNX/Python"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    let words = try JSONDecoder().decode([[String]].self, from: Data(run.output.utf8))
    try #require(words.count == texts.count)
    var wrong: [String] = []
    for (text, found) in zip(texts, words) {
      let normalized = String(decoding: normalizeText(Array(text.utf8)), as: UTF8.self)
      let expected = tokenizer.tokens(of: normalized)
      // By bytes: Swift also calls different spellings of one letter equal.
      if expected.map({ Array($0.utf8) }) != found.map({ Array($0.utf8) }) {
        wrong.append("“\(text)”: \(found), not \(expected)")
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(texts.count) texts, such as \(wrong.prefix(5))")
  }

  private struct Input: Encodable {
    var settings: [String: String]
    var unicode: CharacterTable
    var texts: [String]
  }

  private static let script = """
    import json, sys
    sys.path.insert(0, sys.argv[1])
    sys.dont_write_bytecode = True
    from text_classifier import tokenizer_with
    from text_classifier.tokenizer import Characters, normalize
    with open("input.json", encoding="utf-8") as file:
        data = json.load(file)
    tokenizer = tokenizer_with(data["settings"], Characters(data["unicode"]))
    print(json.dumps([tokenizer.tokenize(normalize(text)) for text in data["texts"]]))
    """

  /// Texts of the fixtures, as lines.
  private static var fixtures: [String] {
    get throws {
      try ["own-reviews.csv", "own-untidy.csv", "own-tickets.jsonl", "own-moods.jsonl"].flatMap {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(Project.root)/fixtures/\($0)"))
        return String(decoding: data, as: UTF8.self).split(separator: "\n").prefix(100)
          .map(String.init)
      }
    }
  }

  /// Texts of pieces that rules look at, and of any characters.
  private static var generated: [String] {
    let pieces =
      ("a b t s m d l ll re ve n't 's A B STOP Mr. U.S. e.g. É.a. 1 23 9/11 İ9/2 1,000.5 10:30 . .. ... ! ?! - -- "
      + "# #OneTwo #ONE_two @ @me_2 : ; = 8 ) ( :) (: :'( :-/ =D <3 </3 ^_^ >.< -_- <url> <user> http:// "
      + "https://a.b/c. www. www.x.com com x.org cooool WAAAY ' ’ “ ” … — é É ß ſ K Σ Ⱥ Ά 好 ٣ ² ª µ ½ € 👍🏽 Ⓐ "
      + "\u{AD} \u{200D} \u{FE0F} \u{301} \u{20E3} \u{200B} \u{FEFF} \u{85} \u{92} \u{A0} \u{FFFE} \u{1E900}")
      .split(separator: " ").map(String.init) + [" ", " ", "\t"]
    var random = SplitMix64(state: 7)
    let combined = (0..<4000).map { _ in
      (0...random.below(10)).map { _ in pieces[random.below(pieces.count)] }.joined()
    }
    let others = (0..<1000).map { _ in
      String(
        String.UnicodeScalarView(
          (0...random.below(6)).compactMap { _ in
            Unicode.Scalar(UInt32(random.below(random.below(2) == 0 ? 0x2_0000 : 0x11_0000)))
          }))
    }
    return combined + others
  }

  /// The lines of the file that `DLNC_TEXTS` names, which `Tests/onnx.sh` does.
  private static var named: [String] {
    get throws {
      guard let path = ProcessInfo.processInfo.environment["DLNC_TEXTS"] else { return [] }
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      return data.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
