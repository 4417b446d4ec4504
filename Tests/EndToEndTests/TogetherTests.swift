import Foundation
import TestSupport
import Testing

/// The manifest that compares training together and apart.
struct TogetherTests {
  private struct Report: Decodable {
    struct Comparison: Decodable {
      struct Way: Decodable {
        var model: String
        var sharing: String
        var training: String
        var seeds: [Int]
        var pValue: Double?
      }
      var task: String
      var recommendation: String
      var ways: [Way]
    }
    var sharing: [Comparison]
    var notes: [String]
  }

  @Test func `each task gets a row for each way of training, and one sentence`() throws {
    let bench = try Project.bench()
    let run = try Project.run("pipeline", ["run", "pipelines/together.yaml"], in: bench)
    try #require(run.status == 0, "\(run.error)")
    let json = try #require(bench.read("runs/together/report/report.json"))
    let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
    #expect(report.sharing.map(\.task) == ["reviews", "films"])
    for comparison in report.sharing {
      #expect(
        comparison.ways.map { "\($0.model) \($0.sharing) \($0.training) \($0.seeds.count)" } == [
          "dlnc alone trained 3", "dlnc joint trained 3", "dlnc joint fine-tuned 3",
          "bag-of-words alone trained 1", "bag-of-words pooled trained 1",
        ])
      #expect(comparison.ways.map { $0.pValue != nil } == [false, true, true, false, true])
      #expect(comparison.recommendation.hasPrefix("\(comparison.task): "))
    }
    #expect(report.notes.isEmpty, "\(report.notes)")
    for name in ["report.md", "report.html"] {
      let page = try #require(bench.read("runs/together/report/\(name)"))
      #expect(page.contains("Together or apart") && page.contains("DLNC, joint, fine-tuned"))
      let advice = report.sharing[0].recommendation.trimmingPrefix("reviews: ")
      #expect(page.contains("reviews:") && page.contains(advice))
    }
  }

  @Test func `pooling is for a bag of words and for tasks with the same classes`() throws {
    let bench = try Project.bench()
    let made = try Project.run(
      "pipeline", ["run", "pipelines/own.yaml", "--until", "vocab"], in: bench)
    try #require(made.status == 0, "\(made.error)")
    try Refused(
      "train --vocab runs/own/vocab --model bag-of-words --pool-tasks --output out", 64,
      """
      train: --pool-tasks: no two tasks with the same classes in runs/own/vocab: moods (anger, fear, \
      joy, sadness), reviews (negative, neutral, positive)
        expected: tasks whose classes have the same names
        what to do: give the classes the same names with ingest --labels, or leave it out

      """
    ).check(in: bench)
    try Refused.usage(
      "train --vocab runs/own/vocab --pool-tasks --output out",
      "--pool-tasks is given for dlnc; it is for --model bag-of-words. A network that is trained on "
        + "several tasks shares its encoder in any case."
    ).check(in: bench)
  }
}
