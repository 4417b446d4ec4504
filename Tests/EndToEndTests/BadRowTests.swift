import Foundation
import Testing
import TestSupport

/// What people feed to `ingest` by mistake inside files that are right by their names: told with
/// file and line, or counted and left out.
struct BadRowTests {
  private static let emotions = ["anger", "fear", "joy", "sadness"]
  private static let header = "ID\tTweet\tAffect Dimension\tIntensity Score\n"

  /// Writes the eight files that a random split needs; `change` is made to one of them.
  private static func tweets(
    _ folder: String, in bench: TemporaryDirectory, _ change: (String) -> Data = { Data($0.utf8) }
  ) throws {
    for emotion in emotions {
      for (part, name) in [
        ("train", "training/EI-reg-En-\(emotion)-train.txt"),
        ("dev", "development/2018-EI-reg-En-\(emotion)-dev.txt"),
      ] {
        let rows = (0..<10).map {
          "2017-En-1000\($0)\t\(emotion) \(part) number \($0)\t\(emotion)\t0.60\($0)\n"
        }
        let text = header + rows.joined()
        let isChanged = emotion == "anger" && part == "train"
        try bench.write(isChanged ? change(text) : Data(text.utf8), to: "\(folder)/\(name)")
      }
    }
  }

  /// What people's scores look like.
  private static let scores = ["NaN", "0,5", "1e400", "0x1p-1", "-0.5", "", "half", "１"]

  @Test func `a score that is no decimal from 0 to 1 is refused with its line`() throws {
    let bench = try Project.bench()
    for score in Self.scores {
      try Self.tweets("t", in: bench) { Data($0.replacing("0.603", with: score).utf8) }
      try Refused(
        "ingest --archive t --output out", 65,
        """
        ingest: t/training/EI-reg-En-anger-train.txt: line 5: the score “\(score)”
          expected: decimals from 0 to 1, such as 0.500
          what to do: use the publisher's file as it is

        """
      ).check(in: bench)
    }
  }

  @Test func `a file of tweets that was saved otherwise or cut is refused with its line`() throws {
    let bench = try Project.bench()
    let place = "t/training/EI-reg-En-anger-train.txt"
    let fields =
      "expected: 4 fields separated by tabs: ID, tweet, affect dimension, intensity score"
    let cases: [((String) -> Data, String)] = [
      (
        { Data($0.replacing("number 3", with: "number\t3").utf8) },
        """
        ingest: \(place): line 5: more than 4 fields
          \(fields)
          what to do: use the publisher's file as it is

        """
      ),
      (
        { Data($0.utf8.dropLast(9)) },
        """
        ingest: \(place): line 11: 3 fields
          \(fields)
          what to do: the file seems cut; fetch it again

        """
      ),
    ]
    for (change, message) in cases {
      try Self.tweets("t", in: bench, change)
      try Refused("ingest --archive t --output out", 65, message).check(in: bench)
    }
  }

  @Test func `a byte order mark, CR LF, cp1252, NUL and blanks cost no other row`() throws {
    let bench = try Project.bench()
    let changes: [((String) -> Data, Int)] = [
      ({ Data([0xEF, 0xBB, 0xBF] + $0.replacing("\n", with: "\r\n").utf8) }, 80),
      (
        { text in
          let marked = text.replacing("number 3", with: "Q number 3 Q")
          return Data(marked.utf8.map { $0 == UInt8(ascii: "Q") ? 0x93 : $0 })
        }, 80
      ),
      ({ Data($0.replacing("number 3", with: "num\0ber").utf8) }, 80),
      ({ Data($0.replacing("anger train number 3", with: " \u{A0} ").utf8) }, 79),
      ({ Data($0.replacing("anger\t0.603", with: "anger\tNONE").utf8) }, 79),
    ]
    for (number, (change, kept)) in changes.enumerated() {
      try Self.tweets("t\(number)", in: bench, change)
      let run = try Project.run(
        "ingest", ["--archive", "t\(number)", "--output", "out"], in: bench)
      #expect(run.status == 0, "\(run.error)")
      #expect(run.output.contains("80 rows read, \(kept) kept\n"), "\(number): \(run.output)")
    }
  }

  private static func reviews(_ count: Int, stars: (Int) -> String) -> String {
    (0..<count).map { "{\"stars\":\(stars($0)),\"text\":\"review \($0)\"}\n" }.joined()
  }

  @Test func `reviews of which none can be used are refused with the first row`() throws {
    let bench = try Project.bench()
    let cases = [
      ("{\"stars\":1,\"stars\":5,\"text\":\"hi\"}\n", "a duplicate key"),
      ("{\"stars\":\"5\",\"text\":\"hi\"}\n", "“stars” is no number of 1 to 5"),
      ("{\"stars\":1e400,\"text\":\"hi\"}\n", "“stars” is no number of 1 to 5"),
      ("{\"stars\":5,\"text\":\" \\n \"}\n", "no text"),
      ("{\"stars\":5,\"text\":7}\n", "“text” is no string"),
      ("{\"stars\":5,\"text\":\"cut in the mid", "the last row is cut"),
      (
        "{\"stars\":5,\"text\":\"\(String(repeating: "x", count: 10_000_000))\"}\n",
        "a row of over 1048576 bytes"
      ),
    ]
    for (text, reason) in cases {
      try bench.write(text, to: "y/review.json")
      try Refused(
        "ingest --archive y --output out", 65,
        """
        ingest: y/review.json: row 1: \(reason)
          expected: a review: a JSON object with “stars” and “text”
          what to do: take the JSON archive from Yelp's page

        """
      ).check(in: bench)
    }
  }

  @Test func `bad reviews among good ones are counted and told and do no harm`() throws {
    let bench = try Project.bench()
    let long = String(repeating: "x", count: 10_000_000)
    try bench.write(
      Self.reviews(20) { "\($0 % 5 + 1)" } + "{\"stars\":5,\"text\":\"\(long)\"}\n"
        + "{\"stars\":1,\"stars\":5,\"text\":\"hi\"}\n{\"stars\":2,\"text\":\"a\\u0000b\"}\n"
        + "{\"stars\":3,\"text\":\"\"}\n{\"stars\":4,\"text\":\"cut in the mid",
      to: "y/review.json")
    let run = try Project.run(
      "ingest",
      ["--archive", "y", "--train", "15", "--validation", "2", "--test", "2", "--output", "out"],
      in: bench)
    #expect(run.status == 0)
    #expect(
      run.error.hasPrefix(
        """
        ingest: warning: 3 rows are no proper reviews, the first is row 21: a row of over 1048576 \
        bytes
        ingest: warning: the file of reviews ends within a row: the archive was cut somewhere

        """), "\(run.error)")
    #expect(run.error.hasSuffix("ingest: wrote out\n"))
    #expect(run.output.contains("yelp: 25 rows read, 19 kept\n"), "\(run.output)")
  }

  @Test func `a class that vanishes from the sample is refused`() throws {
    let bench = try Project.bench()
    try bench.write(Self.reviews(60) { _ in "5" }, to: "y/review.json")
    try Refused(
      "ingest --archive y --train 20 --validation 5 --test 5 --output out", 65,
      """
      ingest: y/review.json: no “negative”, “neutral” among the 20 training rows
        expected: rows of every class
        what to do: ask for more rows, or draw each class alike with --draw balanced

      """
    ).check(in: bench)
  }
}
