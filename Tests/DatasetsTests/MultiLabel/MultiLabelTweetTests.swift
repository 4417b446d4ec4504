import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// EI-reg as a task of tweets with all of their emotions.
struct MultiLabelTweetTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// An archive in which a row of each part is `text`, by emotion: the text and its intensity.
  private func archive(_ parts: [String: [[(text: String, score: String)]]]) throws -> String {
    let members = parts.flatMap { part, emotions in
      zip(Dataset.eiReg.classNames, emotions).map { emotion, rows in
        let lines = rows.enumerated().map { number, row in
          "\(part)-\(emotion)-\(number)\t\(row.text)\t\(emotion)\t\(row.score)\n"
        }
        return (
          "a/EI-reg-En-\(emotion)-\(part).txt",
          "ID\tTweet\tAffect Dimension\tIntensity Score\n" + lines.joined()
        )
      }
    }
    return try bench.archive("a.zip", .zip, members.sorted { $0.0 < $1.0 })
  }

  /// Rows of one emotion: tweets that stand there only, and some that all emotions have.
  private func rows(_ part: String, _ emotion: Int, _ count: Int) -> [(text: String, score: String)]
  {
    (0..<count).map { ("\(part) \(emotion) tweet \($0)", $0 % 4 == 0 ? "0.4" : "0.6") }
      + (0..<count / 2).map {
        ("\(part) shared tweet \($0)", ($0 + emotion) % 3 == 0 ? "0.7" : "0.3")
      }
  }

  private func sample() throws -> String {
    try archive(
      Dictionary(
        uniqueKeysWithValues: [("train", 40), ("dev", 10), ("test-gold", 10)].map { part, count in
          (
            part,
            (0..<4).map { emotion in
              // Some tweets of the training files are in the others, too.
              rows(part, emotion, count)
                + (part == "train" ? [] : rows("train", emotion, 40).suffix(3))
            }
          )
        }))
  }

  private func read(_ path: String, _ split: SplitScheme) throws -> IngestResult {
    var options = IngestOptions()
    (options.split, options.isMultiLabel) = (split, true)
    return try options.read(path: path)
  }

  @Test func `a tweet is one row with the emotions that it has in any file`() throws {
    let filler = (0..<4).map { emotion in (0..<4).map { ("own \(emotion) \($0)", "0.9") } }
    let train: [[(text: String, score: String)]] = [
      filler[0] + [("many", "0.5"), ("weak", "0.1")], filler[1] + [("many", "0.499")],
      filler[2] + [("many", "0.9"), ("late", "0.8")], filler[3] + [("NONE", "NONE")],
    ]
    let path = try archive([
      "train": train,
      "dev": [[("late", "0.6")]] + filler.dropFirst().map { $0.map { ("dev " + $0.0, $0.1) } },
      "test-gold": filler.map { $0.map { ("gold " + $0.0, $0.1) } },
    ])
    let result = try read(path, .official)
    let sets = labelSets(result)
    #expect(sets.contains("many = anger|joy"))
    // A tweet whose every intensity is too low is dropped, as in the paper's reading.
    #expect(!sets.contains { $0.hasPrefix("weak") })
    #expect(result.report.dropped("intensity below 0.5") == 2)
    // Once, in the part that is tested on.
    #expect(result[.validation].texts.contains("late") && sets.contains("late = anger|joy"))
    #expect(Set(result.shards.flatMap(\.texts)).count == sets.count)
    #expect(result.report.dropped("no score") == 1)
    #expect(result.report.dropped("another row of a tweet, whose emotions are one row") == 2)
    #expect(result.report.read == result.report.kept + 5)
  }

  @Test(arguments: SplitScheme.allCases)
  func `no tweet is in two splits, and the scheme says that tweets have several labels`(
    split: SplitScheme
  ) throws {
    let result = try read(try sample(), split)
    #expect(
      result.shards.count == 3 && result.shards.allSatisfy { $0.isMultiLabel && $0.count > 0 })
    #expect(result.shards.allSatisfy { $0.splitScheme == "\(split.rawValue), multi-label" })
    #expect(result.shards.allSatisfy { $0.task == "ei-reg" })
    let texts = result.shards.flatMap(\.texts)
    #expect(Set(texts).count == texts.count)
    let report = result.report
    #expect(report.read == report.kept + report.dropped.reduce(0) { $0 + $1.rows })
    #expect(report.splits.allSatisfy { $0.withoutLabel == 0 && ($0.labelsPerRow ?? 0) > 1 })
  }
}
