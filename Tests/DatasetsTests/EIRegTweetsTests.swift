import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

struct EIRegTweetsTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private static let header = "ID\tTweet\tAffect Dimension\tIntensity Score\n"
  private static let top = "SemEval2018-Task1-all-data/English/EI-reg"

  /// A small archive: `rows` rows for each emotion in train, fewer in dev and test-gold.
  private func members(_ rows: Int = 20) -> [(String, String)] {
    Dataset.eiReg.classNames.flatMap { emotion -> [(String, String)] in
      func table(_ part: String, _ count: Int) -> String {
        Self.header
          + (0..<count).map { row in
            "2017-En-\(row)\t\(part) \(emotion) tweet \(row)\t\(emotion)\t0.\(row % 2 == 0 ? "500" : "499")\n"
          }.joined()
      }
      let mystery = "2018-En-mystery-00001\tnone\t\(emotion)\t0.900\n"
      return [
        ("\(Self.top)/training/EI-reg-En-\(emotion)-train.txt", table("train", rows)),
        ("\(Self.top)/development/2018-EI-reg-En-\(emotion)-dev.txt", table("dev", rows / 2)),
        (
          "\(Self.top)/test-gold/2018-EI-reg-En-\(emotion)-test-gold.txt",
          table("gold", rows / 2) + mystery
        ),
      ]
    }
  }

  private func read(
    _ path: String, _ split: SplitScheme = .official, threshold: Double = 0.5,
    seed: UInt64 = 1
  ) throws -> IngestResult {
    try EIRegTweets(threshold: threshold, split: split, seed: seed).read(path: path)
  }

  private func replacing(_ member: String, _ text: String) -> [(String, String)] {
    members().map { $0.0.contains(member) ? ($0.0, text) : $0 }
  }

  @Test func `rows at the threshold stay and mystery rows go, whatever their score`() throws {
    let ingestion = try read(try bench.archive("a.zip", .zip, members()))
    #expect(
      ingestion.shards.map(\.classCounts) == [[10, 10, 10, 10], [5, 5, 5, 5], [5, 5, 5, 5]])
    #expect(ingestion.report.read == 164)
    #expect(ingestion.report.dropped("mystery row") == 4)
    #expect(ingestion.report.dropped("intensity below 0.5") == 80)
    #expect(ingestion.report.kept == 80)
  }

  @Test func `packing, folders, order and names of other releases change nothing`() throws {
    let expected = try read(try bench.archive("a.zip", .zip, members())).shards
    #expect(try read(try bench.archive("b.tgz", .tarGzip, members().reversed())).shards == expected)
    for (name, text) in members() { try bench.file("folder/\(name)", text) }
    #expect(try read(bench("folder")).shards == expected)
    let renamed = members().map { name, text in
      let words = name.split(separator: "/").last.map(String.init) ?? ""
      return (
        "data/"
          + words.replacingOccurrences(of: "2018-", with: "")
          .replacingOccurrences(of: "-En-", with: "-en_").replacingOccurrences(
            of: "-train", with: "_train"), text
      )
    }
    #expect(try read(try bench.archive("c.zip", .zip, renamed)).shards == expected)
  }

  @Test func `files of 2018 without a header and with CR LF are read`() throws {
    let old = members().map { name, text in
      guard name.contains("dev") else { return (name, text) }
      return (
        name,
        text.replacingOccurrences(of: Self.header, with: "").replacingOccurrences(
          of: "\n", with: "\r\n")
      )
    }
    let expected = try read(try bench.archive("a.zip", .zip, members())).shards
    #expect(try read(try bench.archive("b.zip", .zip, old)).shards == expected)
  }

  @Test(arguments: [
    ("EI-reg-En-anger-train.txt", 0, EIRegFile.Part.train),
    ("x/2018-EI-reg-En-fear-dev.txt", 1, .dev),
    ("2018-EI-reg-En-joy-test-gold.txt", 2, .testGold),
    ("2018-EI-reg-En-joy-test.txt", 2, .testBlind),
    ("EI-reg-en_sadness_train.txt", 3, .train), ("anger-ratings-0to1.train.txt", 0, .train),
    ("test-gold/EI-reg-En-anger-test.txt", 0, .testGold),
  ])
  func `a name tells emotion and part`(path: String, emotion: Int, part: EIRegFile.Part) {
    #expect(EIRegFile(path: path) == EIRegFile(emotion: emotion, part: part))
  }

  @Test(arguments: [
    "EI-oc-En-anger-train.txt", "EI-reg-Es-anger-train.txt", "Arabic/EI-reg-anger-train.txt",
    "EI-reg-En-anger-train.csv", "EI-reg-En-trust-train.txt", "2018-E-c-En-train.txt",
    "EI-reg-En-anger.txt",
  ])
  func `files of other tasks and languages are none of it`(path: String) {
    #expect(EIRegFile(path: path) == nil)
  }

  @Test(arguments: [
    ("1\tone\tanger\tNaN\n", "the score “NaN”"), ("1\tone\tanger\t0,5\n", "the score “0,5”"),
    ("1\tone\tanger\t1e400\n", "the score “1e400”"), ("1\tone\tanger\n", "3 fields"),
    ("1\tone\tanger\t0.5\t\n", "more than 4 fields"), ("1\tone\tjoy\t0.5\n", "the emotion “joy”"),
    ("1\ttwe", "2 fields"),
  ])
  func `a malformed row is refused with file and line`(row: String, problem: String) throws {
    let path = try bench.archive("a.zip", .zip, replacing("anger-train", Self.header + row))
    let error = try userError { _ = try read(path) }
    #expect(error.exitStatus == .data)
    #expect(error.location == "\(path): \(Self.top)/training/EI-reg-En-anger-train.txt: line 2")
    #expect(error.problem == problem)
  }

  @Test func `an ordinal file under the name of a regression file is refused`() throws {
    let text = "ID\tTweet\tAffect Dimension\tIntensity Class\n"
    let error = try userError {
      _ = try read(try bench.archive("a.zip", .zip, replacing("anger-train", text)))
    }
    #expect(error.problem == "a last column called “Intensity Class”")
  }

  @Test func `quotation marks quote nothing`() throws {
    let text = Self.header + "1\t\"one\tanger\t0.5\n2\ttwo\"\tanger\t0.5\n"
    let train = try read(try bench.archive("a.zip", .zip, replacing("anger-train", text)))[.train]
    #expect(train.texts.prefix(2) == ["\"one", "two\""])
  }

  @Test func `missing files are named, all of them`() throws {
    let some = members().filter { !$0.0.contains("joy-dev") && !$0.0.contains("gold") }
    let path = try bench.archive("a.zip", .zip, some)
    let error = try userError { _ = try read(path) }
    #expect(error.exitStatus == .data)
    #expect(
      error.problem
        == "no EI-reg file for joy dev, anger test-gold, fear test-gold, joy test-gold, sadness test-gold"
    )
    #expect(try userError { _ = try read(path, .random) }.problem == "no EI-reg file for joy dev")
  }

  @Test func `a test without scores does not stand in for the gold`() throws {
    let blind = members().map { name, text in
      (
        name.replacingOccurrences(of: "test-gold", with: "test"),
        name.contains("gold") ? text.replacingOccurrences(of: "\t0.500", with: "\tNONE") : text
      )
    }
    let path = try bench.archive("a.zip", .zip, blind)
    #expect(
      try userError { _ = try read(path) }.problem.hasPrefix("no EI-reg file for anger test-gold"))
    #expect(try read(path, .random).report.skipped.first?.rows == 44)
  }

  @Test func `a file that is there twice is refused, naming both`() throws {
    let twice = members() + [("copy/EI-reg-En-joy-train.txt", Self.header)]
    let error = try userError { _ = try read(try bench.archive("a.zip", .zip, twice)) }
    #expect(error.problem == "a second file of joy train")
    #expect(error.expected?.hasSuffix("/training/EI-reg-En-joy-train.txt") == true)
  }

  @Test func `another task of SemEval is refused by name`() throws {
    let path = try bench.archive(
      "a.zip", .zip, [("EI-oc/EI-oc-En-joy-train.txt", "x"), ("readme.txt", "x")])
    let error = try userError { _ = try read(path) }
    #expect(
      error.problem == "none of the files of ei-reg, but EI-oc/EI-oc-En-joy-train.txt, readme.txt"
    )
    #expect(error.hint?.hasPrefix("these are files of another SemEval task") == true)
  }

  @Test func `nothing left above the threshold is refused`() throws {
    let path = try bench.archive("a.zip", .zip, members())
    #expect(
      try userError { _ = try read(path, threshold: 1) }.problem
        .hasPrefix("no rows left for the train split of ei-reg; "))
  }
}

struct EIRegDivisionTests {
  private func rows(_ texts: [(String, Int)]) -> [Example] {
    texts.map { text, emotion in
      Example(text: Array(text.utf8), labels: [emotion], id: "1", source: Array(text.utf8))
    }
  }

  private func divide(_ split: SplitScheme, _ parts: [EIRegFile.Part: [Example]], seed: UInt64 = 1)
    -> [Split: Set<String>]
  {
    var report = IngestReport(.eiReg)
    return split.divide(parts, seed: seed, report: &report)
      .mapValues { Set($0.map { "\(String(decoding: $0.text, as: UTF8.self))/\($0.labels[0])" }) }
  }

  /// Forty tweets of each emotion; each of the first ten also stands under the next emotion, and
  /// has a near twin.
  private var train: [Example] {
    rows(
      (0..<160).flatMap { number -> [(String, Int)] in
        let (text, emotion) = ("tweet number \(number)", number / 40)
        return number % 40 < 10
          ? [(text, emotion), (text, (emotion + 1) % 4), (text.uppercased() + "! #tag", emotion)]
          : [(text, emotion)]
      })
  }

  @Test(arguments: [SplitScheme.random, .randomNear])
  func `a fifth is held out of each emotion and equal texts stay together`(split: SplitScheme) {
    let parts = divide(split, [.train: train, .dev: rows([("d", 0)])])
    let text = { (row: String) in row.split(separator: "/").first ?? "" }
    let (held, left) = (parts[.test] ?? [], parts[.train] ?? [])
    #expect(held.count + left.count == 240)
    #expect(46...50 ~= held.count)
    for emotion in 0..<4 { #expect(held.count { $0.hasSuffix("/\(emotion)") } >= 8) }
    #expect(Set(held.map(text)).isDisjoint(with: left.map(text)))
    let key = { (row: String) in TextKey(nearDuplicateKey(Array(text(row).utf8))) }
    #expect(Set(held.map(key)).isDisjoint(with: left.map(key)) == (split == .randomNear))
  }

  @Test func `the order of rows changes nothing, the seed does`() {
    let dev = rows([("d", 0)])
    let one = divide(.random, [.train: train, .dev: dev])
    #expect(
      divide(.random, [.train: train.reversed(), .dev: dev])[.test]?.count == one[.test]?.count)
    #expect(divide(.random, [.train: train, .dev: dev], seed: 2) != one)
    #expect(divide(.random, [.train: train, .dev: dev]) == one)
  }

  @Test func `dev rows whose text is tested on are left out`() {
    let all = (0..<160).map { ("tweet number \($0)", 0) }
    let near = all.map { ("\($0.0) #x", $0.1) }
    let exact = divide(.random, [.train: train, .dev: rows(all + near)])
    #expect(exact[.validation]?.isDisjoint(with: exact[.test]?.map { $0 } ?? []) == true)
    let kept = divide(.randomNear, [.train: train, .dev: rows(all + near)])
    let tested = Set((kept[.test] ?? []).map { nearDuplicateKey(Array($0.dropLast(2).utf8)) })
    #expect(
      (kept[.validation] ?? []).allSatisfy {
        !tested.contains(nearDuplicateKey(Array($0.dropLast(2).utf8)))
      }
    )
    #expect((kept[.validation]?.count ?? 0) > 100)
  }

  @Test(arguments: [SplitScheme.random, .randomNear])
  func `training rows can be held out for validation, and testing stays as it is`(
    split: SplitScheme
  ) {
    let parts: [EIRegFile.Part: [Example]] = [.train: train, .dev: rows([("d", 0)])]
    let whole = divide(split, parts)
    var report = IngestReport(.eiReg)
    let cut = split.divide(parts, seed: 1, validationSize: 48, report: &report)
    let texts = cut.mapValues { rows in
      Set(rows.map { "\(String(decoding: $0.text, as: UTF8.self))/\($0.labels[0])" })
    }
    #expect(texts[.test] == whole[.test])
    #expect(44...52 ~= cut[.validation]?.count ?? 0)
    #expect((texts[.validation] ?? []).union(texts[.train] ?? []) == whole[.train])
    let key = { (row: Example) in
      TextKey(split == .random ? row.text : nearDuplicateKey(row.text))
    }
    #expect(
      Set((cut[.validation] ?? []).map(key)).isDisjoint(with: (cut[.train] ?? []).map(key)))
  }

  @Test func `the official splits are as published`() {
    let parts: [EIRegFile.Part: [Example]] = [
      .train: train, .dev: rows([("d", 0)]), .testGold: rows([("g", 1)]),
    ]
    let official = divide(.official, parts)
    #expect(official[.train]?.count == Set(train.map { "\($0.text)/\($0.labels)" }).count)
    #expect(official[.validation] == ["d/0"])
    #expect(official[.test] == ["g/1"])
    let both = divide(.officialDev, parts)
    #expect(both[.test] == ["g/1"])
    #expect(22...25 ~= both[.validation]?.count ?? 0)
    #expect((both[.train]?.count ?? 0) + (both[.validation]?.count ?? 0) == 241)
  }
}
