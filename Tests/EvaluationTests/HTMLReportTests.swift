import Foundation
import Testing

@testable import Evaluation

@Suite struct HTMLReportTests {
  /// Shows a page in frames of several widths and writes down how wide it really became, with its
  /// details closed and open. `body` gets a line `width:closed:open:narrowest text` a frame.
  private static func probe(_ widths: [Int]) -> String {
    let frames = widths.map {
      "<iframe src=\"report.html\" style=\"width:\($0)px;height:900px;border:0\"></iframe>"
    }
    return """
      <!DOCTYPE html><html><head><title>probe</title></head><body>\(frames.joined())
      <pre id="result"></pre><script>
      addEventListener("load", () => {
        const lines = [...document.querySelectorAll("iframe")].map(frame => {
          const page = frame.contentDocument, wide = () => page.documentElement.scrollWidth;
          const closed = wide();
          page.querySelectorAll("details").forEach(each => each.open = true);
          const letters = [...page.querySelectorAll("svg text")].map(text =>
            text.getBoundingClientRect().height).filter(height => height > 0);
          const outside = [...page.querySelectorAll("svg text")].filter(text => {
            const inner = text.getBoundingClientRect(), outer =
              text.ownerSVGElement.getBoundingClientRect();
            return inner.width > 0 && (inner.left < outer.left - 2 || inner.right > outer.right + 2);
          });
          return [parseInt(frame.style.width), closed, wide(), Math.min(...letters).toFixed(0),
            outside.length].join(":");
        });
        document.getElementById("result").textContent = lines.join(" ");
      });
      </script></body></html>
      """
  }

  private func look(at report: Report, widths: [Int]) throws -> (lines: [[Int]], log: String) {
    let chromium = try #require(Chromium.installed)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("report-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(report.html().utf8).write(to: folder.appendingPathComponent("report.html"))
    try Data(Self.probe(widths).utf8).write(to: folder.appendingPathComponent("probe.html"))
    let (page, log) = try chromium.open("\(folder.path)/probe.html", folder: folder)
    let start = try #require(page.range(of: "<pre id=\"result\">"))
    let end = try #require(page.range(of: "</pre>", range: start.upperBound..<page.endIndex))
    let lines = page[start.upperBound..<end.lowerBound].split(separator: " ").map {
      $0.split(separator: ":").compactMap { Int($0) }
    }
    return (lines, log)
  }

  /// Twelve classes with long names, and long names without a place to break.
  func awkward() throws -> Report {
    let classNames = (0..<12).map { "a rather long name of class number \($0)" }
    let long = String(repeating: "unbreakable", count: 12)
    let labels = (0..<240).map { $0 % 12 }
    var run = try predictions(
      labels.map { $0 * 5 % 12 }, labels: labels, classNames: classNames,
      variant: ModelVariant(long, .fineTuned),
      task: EvaluationTask(
        name: long, splitScheme: "another long description of how the data were split"))
    run.texts = Dictionary(uniqueKeysWithValues: labels.indices.map { ($0, long) })
    let curve = runCurve(
      run.variant, task: run.task, bestEpoch: 7,
      (0...60).map { ($0 * 1000, 12_345 - Double($0), .nan) })
    return try Report(
      title: long, reference: long,
      ReportInput(
        predictions: [run], curves: [curve],
        datasets: [
          DatasetSummary(
            task: run.task, split: .train, classNames: classNames,
            rows: classNames.indices.map { $0 * 9 }, tokens: 123_456_789,
            lengths: [.init(from: 0, to: 1_000_000, rows: 9_999_999)])
        ],
        notes: [long],
        provenance: [
          Provenance(
            stage: long,
            settings: [NamedValue(long, long)], digests: [],
            seconds: 1e8, peakBytes: .max)
        ]))
  }

  /// A page to look at.
  enum Page: CaseIterable {
    case sample, awkward, oneModel, sixClasses, twentyClasses, manyClasses
  }

  private func report(_ page: Page) throws -> Report {
    switch page {
    case .sample: try SampleReport().report()
    case .awkward: try awkward()
    case .oneModel: try OwnDataReport(classes: 2, models: 1).report()
    case .sixClasses: try OwnDataReport(classes: 6, models: 9).report()
    case .twentyClasses: try OwnDataReport(classes: 20, models: 1).report()
    case .manyClasses: try OwnDataReport(classes: 200, models: 9).report()
    }
  }

  @Test(
    .enabled(if: Chromium.installed != nil, "Chromium is not installed"), arguments: Page.allCases)
  func `the page fits on a phone and on a desktop, without messages of the browser`(
    _ page: Page
  ) throws {
    let (lines, log) = try look(at: report(page), widths: [420, 1400])
    #expect(lines.map { $0.first } == [420, 1400])
    for line in lines where line.count == 5 {
      #expect(line[1] <= line[0], "\(line[1]) pixels wide in a window of \(line[0])")
      #expect(line[2] <= line[0], "\(line[2]) pixels wide with details open, of \(line[0])")
      #expect(line[3] >= 11, "letters of \(line[3]) pixels in a chart")
      #expect(line[4] == 0, "\(line[4]) texts stick out of their charts at \(line[0])")
    }
    #expect(lines.allSatisfy { $0.count == 5 })
    let complaints = log.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(complaints.isEmpty)
  }
}
