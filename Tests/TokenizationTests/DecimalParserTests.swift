import Foundation
import Testing

@testable import Tokenization
@testable import VocabularyBuilding

struct DecimalParserTests {
  /// The number that the whole text is, if it is one.
  private func parse(_ text: String) -> Float? {
    Array(text.utf8).withUnsafeBytes { bytes in
      var parser = DecimalParser(bytes, at: 0)
      let value = parser.next()
      return parser.position == bytes.count ? value : nil
    }
  }

  private func agrees(_ text: String) -> Bool {
    parse(text)?.bitPattern == strtof(text, nil).bitPattern
  }

  @Test func `numbers as GloVe prints them are what strtof makes of them`() {
    var state: UInt64 = 7
    func draw() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 20
    }
    for _ in 0..<200_000 {
      let digits = Int(draw() % 9)
      let text =
        (draw() & 1 == 0 ? "-" : "") + "\(draw() % 4)."
        + "\(draw() % 1_000_000_000)".prefix(digits + 1)
      #expect(agrees(text), "\(text)")
    }
  }

  @Test func `numbers with many digits and exponents are what strtof makes of them`() {
    var state: UInt64 = 11
    func draw() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 11
    }
    for _ in 0..<50_000 {
      let text = "\(draw()).\(draw() % 10_000_000)e\(Int(draw() % 70) - 52)"
      if strtof(text, nil).isFinite { #expect(agrees(text), "\(text)") }
    }
  }

  @Test(arguments: [
    "0", "-0", "0.0", "-0.000", "1", "+1.5", "5.", ".5", "1e5", "1E-5", "-2.5e+3", "00012.500",
    // Half-way between two floats, a little above and a little below.
    "16777217", "16777217.000000001", "16777216.999999999", "1.00000005960464477539062",
    "1.000000059604644775390625", "1.000000059604644775390626", "0.500000029802322387695312500",
    // The ends of the range.
    "3.4028234e38", "3.40282346638528859811704183484516925440e+38", "1.17549435e-38", "1e-45",
    "1.1754942e-38", "7.0e-46", "1e-60", "12345678901234567890123", "0.00000000000000000000001234",
    "9007199254740993", "9007199254740992.5",
  ])
  func `hard cases are what strtof makes of them`(text: String) {
    #expect(agrees(text))
  }

  @Test(arguments: [
    "", "-", ".", "-.", "e5", "1e", "1e+", "nan", "NaN", "inf", "-Infinity", "0x10", "1,5", " 1",
    "1 ", "1e400", "-1e39", "1_000", "٣",
  ])
  func `what is not one finite decimal number is not taken`(text: String) {
    #expect(parse(text) == nil)
  }
}
