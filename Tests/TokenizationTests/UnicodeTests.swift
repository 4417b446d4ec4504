import Testing

@testable import Tokenization
@testable import VocabularyBuilding

/// Where bytes and Swift's characters part ways.
struct UnicodeTests {
  private let tokenizer = Tokenizer(.ptb)

  @Test func `two spellings of one letter are two words`() {
    let composed = tokenizer.tokens(of: "caf\u{E9}")
    let decomposed = tokenizer.tokens(of: "cafe\u{301}")
    #expect(composed.count == 1)
    #expect(decomposed.count == 1)
    // Swift calls them equal, and so would a dictionary of strings.
    #expect(composed == decomposed)
    #expect(composed.map { Array($0.utf8) } != decomposed.map { Array($0.utf8) })
    var table = TokenInterner()
    #expect(table.add(Array("caf\u{E9}".utf8)) != table.add(Array("cafe\u{301}".utf8)))
  }

  @Test(arguments: [
    ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
    ("a\u{A0}b\u{3000}c\u{2009}d", ["a", "b", "c", "d"]),
    ("a\u{0B}b\u{0C}c\u{2028}d\u{2029}e", ["a", "b", "c", "d", "e"]),
    ("a\u{0}b\u{1B}c\u{7F}d", ["a", "b", "c", "d"]),
    ("a\u{FEFF}b\u{200B}c", ["a", "b", "c"]),
    // Not seen, not separating.
    ("so\u{AD}ft wo\u{200D}rd", ["soft", "word"]),
  ])
  func `white space of every kind separates`(text: String, tokens: [String]) {
    #expect(tokenizer.tokens(of: text) == tokens)
  }

  @Test func `what should be controls is read as Windows meant it`() {
    // U+0085 is a newline to Swift's Character; here somebody wrote an ellipsis in cp1252.
    #expect(
      tokenizer.tokens(of: "film\u{85} it\u{92}s \u{93}ok\u{94}\u{97}") == [
        "film", "...", "it", "'s", "\"", "ok", "\"", "—",
      ])
  }

  @Test(
    arguments: [
      [0xFF, 0x61], [0x61, 0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0x80, 0x80],
      [0xED, 0xA0, 0x80],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 do no harm`(bytes: [UInt8]) {
    let buffer = TokenBuffer()
    for rules in Tokenizer.Rules.allCases {
      bytes.withUnsafeBufferPointer { Tokenizer(rules).tokenize($0, into: buffer) }
      #expect(buffer.strings.contains("\u{FFFD}"))
    }
  }

  @Test func `no text makes a token that is empty, blank or longer than it may be`() {
    let alphabet = Array(
      "aAzZ09 .,'’-_/:;=()<>3@#!?…—é\u{301}😂\u{200D}\u{FE0F}\u{85}\u{0}\"&htwp".unicodeScalars)
    var state: UInt64 = 42
    let buffer = TokenBuffer()
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<24 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.unicodeScalars.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      for rules in Tokenizer.Rules.allCases {
        text.withUTF8 { Tokenizer(rules).tokenize($0, into: buffer) }
        for token in buffer.strings {
          #expect(!token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 }, "\(text) -> \(token)")
          #expect(token != "<unk>")
        }
      }
    }
  }

  @Test func `tokens of tokens are the same tokens`() {
    let text = "I don't think it's 9/11 in the U.S. -- well... 3.5 sci-fi, yes! 😂 <3 :)"
    for style in Tokenizer.Punctuation.allCases {
      let tokenizer = Tokenizer(.ptb, punctuation: style)
      let once = tokenizer.tokens(of: text)
      #expect(tokenizer.tokens(of: once.joined(separator: " ")) == once)
    }
  }
}
