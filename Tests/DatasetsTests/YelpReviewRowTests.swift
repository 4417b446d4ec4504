import Testing

@testable import Datasets

struct YelpReviewRowTests {
  /// `stars:text`, or why the row is dropped.
  private func scan(_ row: String) -> String { scan(Array(row.utf8)) }

  private func scan(_ row: [UInt8]) -> String {
    // The text of a review lies in the memory of the reader.
    let fields = YelpIngestion.fieldReader
    return withExtendedLifetime(fields) {
      row.withUnsafeBytes {
        do {
          let review = try YelpIngestion.review($0, fields)
          return "\(review.stars):\(String(decoding: review.text, as: UTF8.self))"
        } catch {
          return (error as? RowError)?.problem ?? "\(error)"
        }
      }
    }
  }

  @Test(arguments: [
    (#"{"stars":5.0,"text":"good"}"#, "5:good"), (#"{"text":"good","stars":4}"#, "4:good"),
    (#" { "text" : "a" , "stars" : 1.00 } "#, "1:a"),
    (#"{"votes":{"funny":0,"text":"no"},"stars":3,"type":"review","text":"x"}"#, "3:x"),
    (#"{"a":[1,{"stars":[]},"]"],"b":null,"c":true,"d":-1.5e3,"stars":2,"text":"y"}"#, "2:y"),
    (
      #"{"stars":1,"text":"line\none \/ two \"q\" \\ \t tab"}"#, "1:line\none / two \"q\" \\ \t tab"
    ),
    (#"{"stars":1,"text":"\uD83D\uDE0A caf\u00e9"}"#, "1:😊 café"),
    (#"{"stars":1,"text":"half \ud83d!"}"#, "1:half \u{FFFD}!"),
    (#"{"stars":1,"text":"\ude0a\ud83d\ud83d\ude0a"}"#, "1:\u{FFFD}\u{FFFD}😊"),
    (#"{"stars":1,"text":"ends with a slash \\"}"#, "1:ends with a slash \\"),
  ])
  func `a review is read whatever stands around it`(row: String, expected: String) {
    #expect(scan(row) == expected)
  }

  @Test(arguments: [
    ("", "not a JSON object"), ("[1]", "not a JSON object"), (#"{"stars":5"#, "broken JSON"),
    (#"{"stars":5,"text":"cut"#, "broken JSON"), (#"{"stars":5,"text":"cut\"#, "broken JSON"),
    (#"{"stars":5,"text":"x"} {}"#, "broken JSON"),
    (#"{"stars":5,"text":"x"},"#, "broken JSON"),
    (#"{"stars":5,"stars":1,"text":"x"}"#, "a duplicate key"),
    (#"{"a":1,"text":"x","a":2,"stars":5}"#, "a duplicate key"),
    (#"{"stars":"5","text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":3.5,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":0,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":6,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":50,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":1e400,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":null,"text":"x"}"#, "“stars” is no number of 1 to 5"),
    (#"{"stars":NaN,"text":"x"}"#, "broken JSON"), (#"{"text":"x"}"#, "no “stars”"),
    (#"{"stars":5}"#, "no “text”"), (#"{"stars":5,"text":["x"]}"#, "“text” is no string"),
    (#"{"stars":5,"text":""}"#, "no text"), (#"{"stars":5,"text":" \n\t "}"#, "no text"),
    (#"{"stars":5,"text":"\x"}"#, "broken JSON"),
    (#"{"stars":5,"text":"\u12G4"}"#, "broken JSON"),
    (#"{"stars":5,"text":"x",}"#, "broken JSON"), (#"{stars:5}"#, "broken JSON"),
    (#"{}"#, "no “text”"), (#"{"a":tru}"#, "broken JSON"),
  ])
  func `a bad row is dropped with its reason`(row: String, reason: String) {
    #expect(scan(row) == reason)
  }

  @Test func `every cut of a row is dropped, none is trusted`() {
    let row = Array(#"{"votes":{"a":[1,"\"\\"]},"stars":5.0,"text":"\ud83d\ude0a \\ x\n"}"#.utf8)
    for size in 0..<row.count { #expect(!scan(Array(row[..<size])).hasPrefix("5:"), "\(size)") }
    #expect(scan(row) == "5:😊 \\ x\n")
  }

  @Test func `deep nesting and many keys are dropped, not followed`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(scan("{\"a\":\(deep)") == "broken JSON")
    let keys = (0..<100).map { "\"k\($0)\":1" }.joined(separator: ",")
    #expect(scan("{\(keys)}") == "more than 64 keys")
  }
}
