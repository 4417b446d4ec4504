import Foundation
import Testing
import TestSupport

/// `pipeline tune`: from a manifest to one with better settings.
@Suite(.serialized)
struct TuneTests {
  private struct Report: Decodable {
    struct Setting: Decodable {
      struct Training: Decodable {
        struct Task: Decodable {
          var task: String
          var rows: Int
          var accuracy: Double
        }
        var seed: Int
        var tasks: [Task]
      }
      var name: String
      var verdict: String
      var failure: String?
      var trainings: [Training]
    }
    var best: String
    var notes: [String]
    var settings: [Setting]
  }

  private let bench: TemporaryDirectory

  init() throws {
    bench = try Project.bench()
    try bench.write(Self.manifest, to: "mine.yaml")
  }

  private static let manifest = """
    name: mine
    stages:
      reviews:
        run: ingest
        inputs: { archive: fixtures/own-reviews.csv }
        with: { name: reviews, text-column: review, label-column: stars, validation: 0.2 }
      vocab:
        run: vocab
        inputs: { examples: [reviews], vectors: fixtures/glove.fixture.zip }
      train:
        run: train
        inputs: { vocab: vocab }
        with: { hidden: 8, epochs: 1 }
        tune:
          bag: { model: bag-of-words }
          more: { epochs: 2 }
          wrong: { character-ngrams: 3-5 }
      bag-of-words:
        run: train
        inputs: { vocab: vocab }
        with: { model: bag-of-words }
      report:
        run: evaluate
        inputs: { models: [train, bag-of-words], vocab: [vocab] }
    """

  private func tune(
    _ arguments: String...
  ) throws -> (status: Int32, output: String, error: String) {
    try Project.run("pipeline", ["tune", "mine.yaml"] + arguments, in: bench)
  }

  private func report() throws -> Report {
    let text = try #require(bench.read("runs/mine/tune-train/report.json"))
    return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }

  @Test func `the best setting is found on validation rows, and its manifest runs`() throws {
    let first = try tune()
    #expect(first.status == 0, "\(first.error)")
    let report = try report()
    #expect(report.best == "bag" && first.output.contains("\nBest: bag, with accuracy "))
    #expect(report.settings.map(\.verdict).contains("failed"))
    let failed = try #require(report.settings.last)
    #expect(failed.name == "wrong" && failed.failure?.contains("--character-ngrams") == true)
    // A bag of words needs no second seed; the better network gets one.
    #expect(report.settings[0].trainings.map(\.seed) == [1])
    #expect(report.settings.contains { $0.trainings.map(\.seed) == [1, 2] })
    let rows = try #require(
      bench.read("runs/mine/reviews/summary.txt")?.firstMatch(of: /validation\D+(\d+)/)
        .flatMap { Int($0.1) })
    for training in report.settings.flatMap(\.trainings) {
      #expect(training.tasks.map(\.task) == ["reviews"] && training.tasks.map(\.rows) == [rows])
    }
    for name in ["report.md", "report.html"] { #expect(bench.has("runs/mine/tune-train/\(name)")) }

    // The other stage would train the same bag of words, which a report would refuse.
    let tuned = try #require(bench.read("mine-tuned.yaml"))
    #expect(tuned.contains("Left out, being the same: bag-of-words."), "\(tuned)")
    #expect(tuned.contains("with: {hidden: 8, epochs: 1, model: bag-of-words}"), "\(tuned)")
    let run = try Project.run("pipeline", ["run", "-q", "mine-tuned.yaml"], in: bench)
    #expect(run.status == 0 && bench.has("runs/mine-tuned/report/report.html"), "\(run.error)")

    // A second time there is nothing to train, and the bytes are the same, also from scratch.
    let json = bench.read("runs/mine/tune-train/report.json")
    let again = try tune()
    #expect(again.status == 0 && !again.error.contains(": done in "), "\(again.error)")
    bench.remove("runs/mine")
    #expect(try tune("--jobs", "2").status == 0)
    #expect(bench.read("runs/mine/tune-train/report.json") == json)
    #expect(bench.read("mine-tuned.yaml") == tuned)
  }

  @Test func `a small budget tries the first settings, and a larger one adds to it`() throws {
    let small = try tune("--budget", "2", "--by", "loss")
    #expect(small.status == 0, "\(small.error)")
    #expect(try report().settings.filter { !$0.trainings.isEmpty }.count == 2)
    #expect(
      try report().notes == [
        "2 trainings.", "Not tried, because the budget is too small: more, wrong.",
      ])
    let larger = try tune("--budget", "20", "--by", "loss", "--verbose")
    #expect(larger.status == 0, "\(larger.error)")
    #expect(!larger.error.contains("setting=unchanged,seed=1: never run"))
    #expect(larger.error.contains("setting=more,seed=1: never run"))
  }

  @Test func `folds are all trained, and judged by the validation rows of each`() throws {
    let rows = (0..<60).map { "\($0 % 2 == 0 ? "warm" : "cold") soup at table \($0),\($0 % 2)\n" }
    try bench.write("text,label\n" + rows.joined(), to: "soups.csv")
    let made = try Project.run(
      "pipeline", ["init", "soups.csv", "--name", "mine", "--folds", "2", "--force"], in: bench)
    #expect(made.status == 0, "\(made.error)")
    let refused = try tune("--try", "hidden=8", "--budget", "3")
    #expect(refused.status == 64)
    #expect(
      refused.error == """
        pipeline: --budget 3: too small to compare two settings, each of which is trained on 2 folds
          expected: at least 4 trainings

        """)
    let run = try tune(
      "--try", "hidden=8", "--budget", "4", "--set", "train.epochs=1", "--by", "macro-f1")
    #expect(run.status == 0, "\(run.error)")
    let report = try report()
    #expect(report.notes == ["4 trainings."] && report.settings.count == 2)
    #expect(!bench.has("runs/mine/tune-train/setting=hidden=8,fold=all,seed=1"))
    #expect(bench.has("runs/mine/tune-train/setting=hidden=8,fold=2,seed=1/model.safetensors"))
  }

  @Test func `without validation rows, time or a way to write there is nothing to tune`() throws {
    for (arguments, message) in [
      (["--budget", "0"], "--budget is 0; it must be at least 2 trainings"),
      (["--minutes", "0"], "--minutes is 0.0; it must be above 0."),
      (["--stage", "vocab"], "a stage that trains no classifier"),
      (["--try", "hidden=8"], "one setting, that of the manifest"),
      (["--try", "hiden=16"], "train has no option --hiden"),
    ] {
      let run = try Project.run("pipeline", ["tune", "mine.yaml"] + arguments, in: bench)
      #expect(run.status == 64 && run.error.contains(message), "\(run.error)")
    }
    #expect(!bench.has("runs/mine"))
    let plan = try tune("--dry-run", "--budget", "4")
    #expect(plan.status == 0 && plan.output.hasSuffix("at most 4 trainings\n"), "\(plan.output)")
    #expect(!bench.has("runs/mine"))

    try bench.write("name: of-mine\n", to: "mine-tuned.yaml")
    let refused = try tune()
    #expect(refused.status == 73 && refused.error.contains("a file that was not written by"))
    bench.remove("mine-tuned.yaml")

    try bench.write(
      Self.manifest.replacing("validation: 0.2", with: "validation: 0"), to: "mine.yaml")
    let blind = try tune()
    #expect(blind.status == 66, "\(blind.error)")
    #expect(blind.error.contains("no validation rows, by which settings are compared"))
    #expect(!bench.has("runs/mine/tune-train"))
  }

  @Test func `a limit on time ends the search early with what there is`() throws {
    let run = try tune("--minutes", "0.00001")
    #expect(run.status == 0, "\(run.error)")
    let report = try report()
    #expect(report.settings.filter { !$0.trainings.isEmpty }.count == 1)
    #expect(report.notes.contains { $0.hasPrefix("Not tried") })
  }
}
