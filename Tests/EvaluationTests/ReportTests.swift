import DLNC
import Foundation
import Support
import Testing

@testable import Evaluation

@Suite struct ReportTests {
  let report: Report

  init() throws { report = try SampleReport().report() }

  @Test func `a second model of one kind and seed is refused when nothing is left for it`() throws {
    var plan = EvaluationPlan()
    let (yelp, official) = (
      EvaluationTask(name: "yelp"), EvaluationTask(name: "ei-reg", splitScheme: "official")
    )
    let dlnc = ModelVariant("dlnc")
    #expect(try plan.assign([official], to: dlnc, seed: 1, at: "first") == [official])
    #expect(try plan.assign([yelp, official], to: dlnc, seed: 1, at: "joint") == [yelp])
    #expect(try plan.assign([official], to: dlnc, seed: 2, at: "other") == [official])
    let error = try #require(throws: UserError.self) {
      try plan.assign([official], to: dlnc, seed: 1, at: "copy")
    }
    #expect(
      "\(error)".hasPrefix(
        """
        copy: a second DLNC of seed 1 for EI-reg (official)
          expected: one model of each kind and seed for each task
          what to do: leave one of them out, or evaluate it into a separate report
        """))
  }

  private func parsed(_ report: Report) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
  }

  private func keys(_ value: Any?) -> [String] {
    ((value as? [[String: Any]])?.first ?? value as? [String: Any])?.keys.sorted() ?? []
  }

  @Test func `report.json has the keys of its schema`() throws {
    let json = try parsed(report)
    #expect(json["schema"] as? String == "domain-layer-norm/report")
    #expect(json["version"] as? Int == 1)
    #expect(
      json.keys.sorted() == [
        "comparisons", "curves", "data", "findings", "headline", "judged", "mistakes", "models",
        "notes", "provenance", "recipe", "reference", "results", "schema", "sources", "title",
        "version", "words",
      ])
    #expect(
      keys(json["results"]) == [
        "accuracy", "answered", "anyMatch", "calibration", "calibrationError",
        "calibrationErrorBefore", "classes", "confusion", "confusions", "coverage", "detail",
        "labels", "macroF1", "model", "paper", "rows", "seeds", "setup",
        "split", "strictLimit", "task",
        "training",
      ])
    let result = try #require((json["results"] as? [[String: Any]])?.first)
    #expect(
      keys(result["accuracy"]) == ["high", "low", "mean", "method", "standardDeviation", "values"])
    #expect(keys(result["classes"]) == ["f1", "label", "precision", "recall", "rows"])
    #expect(keys(result["calibration"]) == ["accuracy", "confidence", "high", "low", "rows"])
    for key in ["answered", "coverage"] {
      #expect(keys(result[key]) == ["accuracy", "answered", "confidence"])
    }
    #expect(
      keys(json["comparisons"]) == [
        "adjusted", "difference", "first", "high", "low", "mcNemar", "pValue", "rows", "second",
        "setup", "task", "test",
      ])
    #expect(
      keys(json["curves"]) == [
        "bestEpoch", "detail", "model", "points", "seed", "setup", "task", "training",
      ])
    #expect(
      keys(json["mistakes"]) == [
        "because", "confidence", "detail", "gold", "id", "model", "predicted", "row", "seed",
        "setup",
        "task", "text", "training",
      ])
    #expect(keys((json["mistakes"] as? [[String: Any]])?.first?["because"]) == ["by", "word"])
    #expect(
      keys(json["data"]) == [
        "duplicates", "labels", "lengths", "rows", "setup", "split", "task", "tokenCoverage",
        "tokens", "typeCoverage",
      ])
    #expect(keys(json["provenance"]) == ["digests", "settings", "stage"])
  }

  @Test func `the numbers of the paper are beside ours`() throws {
    let results = try #require(try parsed(report)["results"] as? [[String: Any]])
    func paper(_ model: String, _ task: String, _ split: String) -> Double? {
      results.first {
        $0["model"] as? String == model && $0["task"] as? String == task
          && $0["split"] as? String == split
      }?["paper"] as? Double
    }
    #expect(paper("dlnc", "yelp", "test") == 0.852)
    #expect(paper("separate-cell", "ei-reg", "train") == 0.937)
    #expect(paper("lstm-linear", "imdb", "train") == nil)
    #expect(report.markdown().contains("| ≤ 30.9 |"))
    let official = EvaluationTask(name: "ei-reg", splitScheme: "official")
    #expect(PaperResult.find(ModelVariant("dlnc"), official) == nil)
    let tweets = EvaluationTask(name: "ei-reg", splitScheme: "random, multi-label")
    #expect(PaperResult.find(ModelVariant("dlnc"), tweets) == nil)
    let other = ModelVariant("dlnc", detail: "learning-rate 0.001")
    #expect(PaperResult.find(other, EvaluationTask(name: "yelp")) == nil)
  }

  @Test func `models are in the order of the paper, followed by others`() throws {
    let labels = [0, 1]
    let runs = try ["bag-of-words", "separate-cell", "dlnc", "majority"].map {
      try predictions(labels, labels: labels, variant: ModelVariant($0))
    }
    let report = try Report(title: "t", ReportInput(predictions: runs))
    #expect(
      report.variants(EvaluationTask(name: "yelp")).map(\.name)
        == ["dlnc", "separate-cell", "bag-of-words", "majority"])
    #expect(report.comparisons.map(\.second.name) == ["separate-cell", "bag-of-words", "majority"])
  }

  @Test func `JSON and Markdown carry no times and no memory`() {
    for text in [report.json(), report.markdown()] {
      #expect(!text.contains("388 MB") && !text.contains("5 min 12 s") && !text.contains("seconds"))
    }
    #expect(report.html().contains("5 min 12 s") && report.html().contains("388 MB"))
  }

  @Test func `misclassified texts are quoted with their IDs in every form`() {
    for text in [report.json(), report.markdown(), report.html()] {
      #expect(text.contains("in particular") && text.contains("reviews.csv:"))
    }
  }

  @Test func `the words that moved a prediction are marked in its text, and listed`() {
    let page = report.html()
    #expect(
      page.contains("An <mark>invented</mark> review about <mark class=\"against\">nothing</mark>"))
    #expect(page.contains("<mark>&lt;script</mark>&gt;alert(1)"))
    #expect(page.contains("<div>invented +0.50 · nothing -0.25 · &lt;script +0.13</div>"))
    #expect(report.markdown().contains("invented +0.50 · nothing -0.25"))
    #expect(report.markdown().contains("contributions to the logit of the predicted class"))
    // Models without reasons leave no trace.
    let sample = SampleReport()
    let plain = (try? sample.predictions())?.map { run in
      var run = run
      run.because = [:]
      return run
    }
    let other = try? Report(title: "t", ReportInput(predictions: plain ?? []))
    #expect(
      other?.html().contains("<mark") == false && other?.json().contains("\"because\": []") == true)
    #expect(other?.markdown().contains("contributions") == false)
  }

  @Test func `words are marked whatever their case is, but not inside of others`() {
    let words = [
      WordContribution(word: "art", by: 1), WordContribution(word: ":)", by: -2),
      WordContribution(word: "é", by: 3),
    ]
    func text(_ text: String) -> String {
      Report.marked(text, words).map { $0.by.map { by in "[\(by)]" } ?? $0.text }.joined(
        separator: "|")
    }
    #expect(text("Art, smart art:) party É") == "[1.0]|, smart |[1.0]|[-2.0]| party |[3.0]")
    #expect(text("") == "" && text("nothing") == "nothing" && text("ART") == "[1.0]")
    #expect(Report.marked("a ART b", words).map(\.text) == ["a ", "ART", " b"])
  }

  @Test func `equal runs give equal bytes, in any order`() throws {
    let again = try SampleReport().report()
    #expect(again.json() == report.json() && again.markdown() == report.markdown())
    #expect(again.html() == report.html())
    let sample = SampleReport(seeds: [3, 1, 2])
    let shuffled = try Report(title: "t", ReportInput(predictions: sample.predictions()))
    let sorted = try Report(
      title: "t", ReportInput(predictions: SampleReport().predictions()))
    #expect(shuffled.json() == sorted.json())
  }

  @Test func `every row of a Markdown table has as many cells as its head`() {
    var width: Int?
    var tables = 0
    for line in report.markdown().split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        width = nil
        continue
      }
      let bars = line.replacing("\\|", with: "").count { $0 == "|" }
      if width == nil { tables += 1 }
      #expect(width == nil || width == bars, "\(line)")
      width = bars
    }
    #expect(tables > 20)
  }

  @Test func `hostile names and texts are escaped`() throws {
    let evil = SampleReport.hostile
    var run = try predictions(
      [0, 1], labels: [0, 0], classNames: [evil, "<b>"], variant: ModelVariant(evil),
      task: EvaluationTask(name: evil, splitScheme: evil))
    run.texts = [1: evil]
    let curve = runCurve(
      ModelVariant(evil), task: run.task, bestEpoch: .max, [(.max, 1e300, .nan)])
    let report = try Report(
      title: evil, reference: evil,
      ReportInput(
        predictions: [run], curves: [curve],
        datasets: [
          DatasetSummary(task: run.task, split: .test, classNames: [evil], rows: [0], tokens: 0)
        ],
        notes: [evil],
        provenance: [
          Provenance(
            stage: evil,
            settings: [NamedValue(evil, evil)], digests: [],
            seconds: .nan, peakBytes: 0)
        ]))
    let page = HTMLElements(report.html())
    #expect(page.problem == nil && !page.names.contains("script"))
    #expect(!report.markdown().contains("<script>"))
    for figure in report.figures() {
      let file = HTMLElements(figure.svg())
      #expect(file.problem == nil && !file.names.contains("script"))
      #expect(figure.name.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 < 0x7F })
      #expect(!figure.svg().contains("–,") && !figure.svg().contains("=\"–"))
    }
  }

  @Test func `the page is well formed, self-contained and has unique identifiers`() {
    let source = report.html()
    let page = HTMLElements(source)
    #expect(page.problem == nil)
    #expect(Set(page.ids).count == page.ids.count)
    #expect(Set(page.references).isSubset(of: Set(page.ids)))
    for forbidden in ["http:", "https:", "<script", "<link", "src=", "url(", "@import"] {
      #expect(!source.contains(forbidden), "\(forbidden)")
    }
  }

  @Test func `every chart is a labelled file with a unique name`() {
    let figures = report.figures()
    #expect(Set(figures.map(\.name)).count == figures.count)
    for figure in figures {
      let file = HTMLElements(figure.svg())
      #expect(file.problem == nil)
      #expect(file.ids == ["\(figure.name)-title", "\(figure.name)-desc"])
      #expect(!figure.title.isEmpty && !figure.description.isEmpty)
      #expect(figure.svg().hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
    }
    let kinds = Set(figures.map { $0.name.split(separator: "_")[0] })
    #expect(
      kinds == [
        "accuracy", "figure-2", "figure-2-loss", "figure-2-accuracy", "loss-curve",
        "accuracy-curve", "confusion", "coverage", "reliability", "balance", "lengths",
      ])
  }

  @Test func `an empty report is a valid page`() throws {
    let empty = try Report(title: "nothing", ReportInput(predictions: []))
    #expect(HTMLElements(empty.html()).problem == nil)
    #expect(empty.figures().isEmpty && empty.comparisons.isEmpty)
    let noRows = try Report(
      title: "no rows", ReportInput(predictions: [predictions([], labels: [])]))
    #expect(HTMLElements(noRows.html()).problem == nil)
    #expect(noRows.markdown().contains("| DLNC | 98.3 | – | 85.2 | – |"))
  }

  @Test func `two runs of the same model and seed are rejected`() throws {
    let run = try predictions([0], labels: [0])
    #expect(
      throws: UserError(
        .data, at: "Yelp, test", problem: "DLNC, seed 1 twice",
        expected: "one set of predictions for each model and seed")
    ) { try Report(title: "t", ReportInput(predictions: [run, run])) }
  }

  @Test func `runs with different classes are rejected`() throws {
    let left = try predictions([0], labels: [0], classNames: ["a", "b"])
    let right = try predictions(
      [0], labels: [0], classNames: ["b", "a"], variant: ModelVariant("lstm-linear"))
    #expect(throws: UserError.self) {
      try Report(title: "t", ReportInput(predictions: [left, right]))
    }
  }

  @Test func `one seed is tested by McNemar and several by the bootstrap`() throws {
    #expect(Set(report.comparisons.map(\.test)) == [.bootstrap])
    let single = try SampleReport(seeds: [4]).report()
    #expect(Set(single.comparisons.map(\.test)) == [.mcNemar])
    #expect(single.markdown().contains("single runs with the Wilson 95 % interval"))
  }

  @Test func `curves that end at different epochs are averaged over those that reach an epoch`()
    throws
  {
    let curve = { (seed: Int, losses: [Double]) in
      runCurve(seed: seed, losses.enumerated().map { ($0 + 1, $1, 0) })
    }
    let group = try #require(CurveGroup([curve(1, [1, 0.5]), curve(2, [3])]))
    #expect(
      group.statistics(\.trainLoss) == [
        .init(epoch: 1, mean: 2, low: 1, high: 3), .init(epoch: 2, mean: 0.5, low: 0.5, high: 0.5),
      ])
    #expect(group.statistics(\.validationLoss).isEmpty)
  }

  @Test func `lengths are counted in bins of round width`() {
    #expect(
      DatasetSummary.histogram([1, 9, 10, 195], bins: 20).filter { $0.rows > 0 } == [
        .init(from: 0, to: 10, rows: 2), .init(from: 10, to: 20, rows: 1),
        .init(from: 190, to: 200, rows: 1),
      ])
    #expect(DatasetSummary.histogram([]).isEmpty)
    #expect(DatasetSummary.histogram([0]) == [.init(from: 0, to: 1, rows: 1)])
  }
}
