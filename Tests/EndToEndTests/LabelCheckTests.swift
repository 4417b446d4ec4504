import Foundation
import TestSupport
import Testing

/// Rows whose labels look wrong, from a table to `suspects.csv`.
struct LabelCheckTests {
  @Test func `labels that were changed come first in suspects.csv and in the report`() throws {
    let bench = try Project.bench()
    let rows = (0..<80).map { row in
      let isGood = row % 2 == 0
      let isWrong = row == 6 || row == 31
      return "r\(row),\(isGood ? "a lovely" : "an awful") soup of day \(row / 2),"
        + "\(isGood != isWrong ? "good" : "bad")\n"
    }
    try bench.write("id,text,label\n" + rows.joined(), to: "rows.csv")
    for command in [
      "ingest -q --archive rows.csv --name a --id-column id --test 0 --output a",
      "vocab -q --examples a --vectors fixtures/glove.fixture.zip --minimum-count 2 --output words",
      "train -q --vocab words --model majority --output model",
      "evaluate -q --models model --vocab words --check-labels --output report",
      "evaluate -q --models model --vocab words --check-labels --threads 1 --output again",
      "evaluate -q --models model --vocab words --output none",
    ] {
      let words = command.split(separator: " ").map(String.init)
      let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
      try #require(run.status == 0, "\(command)\n\(run.error)")
    }
    let table = try #require(bench.read("report/suspects.csv"))
    #expect(bench.read("again/suspects.csv") == table && !bench.has("none/suspects.csv"))
    let records = table.components(separatedBy: "\r\n").dropLast()
    #expect(records.first == "task,split,id,text,label,suggestion,score")
    let first = records.dropFirst().prefix(2).map {
      $0.split(separator: ",").dropFirst(2).prefix(4).map(String.init)
    }
    #expect(
      Set(first) == [
        ["r6", "a lovely soup of day 3", "bad", "good"],
        ["r31", "an awful soup of day 15", "good", "bad"],
      ], "\(table)")
    #expect(bench.read("report/report.md")?.contains("### Labels to look at again\n") == true)
    #expect(bench.read("report/report.html")?.contains("Labels to look at again") == true)
    #expect(bench.read("none/report.md")?.contains("Labels to look at again") == false)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data((bench.read("report/report.json") ?? "").utf8))
        as? [String: Any])
    let check = try #require((json["suspects"] as? [[String: Any]])?.first)
    #expect(check["checked"] as? Int == 80 && check["found"] as? Int == records.count - 1)
  }

  @Test(arguments: [
    ["--vocab", "a", "--splits", "validation,test"], ["--rows", "a"],
  ])
  func `labels are only checked with training rows`(arguments: [String]) throws {
    let bench = try Project.bench()
    let run = try Project.run(
      "evaluate", ["--models", "m", "--check-labels", "--output", "o"] + arguments, in: bench)
    #expect(run.status == 64 && run.error.contains("needs training rows"), "\(run.error)")
  }
}
