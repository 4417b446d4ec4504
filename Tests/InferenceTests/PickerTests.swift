import Foundation
import Testing

@testable import Inference

/// The texts that are picked for labelling, and the formats of labelling tools.
struct PickerTests {
  private func prediction(_ line: Int, _ text: String, _ probabilities: [Float]) -> Prediction {
    // A slice of a batch.
    Prediction(
      file: "a.csv", line: line, text: Array(text.utf8), known: 1,
      probabilities: ([9, 9] + probabilities)[2...])
  }

  private func lines(_ options: PickOptions, _ predictions: [Prediction]) -> [Int] {
    var picker = Picker(options)
    for prediction in predictions { picker.add(prediction) }
    return picker.picked().map(\.line)
  }

  @Test func `the smallest margin or the largest entropy comes first, ties by input order`() {
    let predictions = [
      prediction(1, "one", [0.5, 0.25, 0.25]), prediction(2, "two", [0.125, 0.375, 0.5]),
      prediction(3, "three", [0.5, 0.5, 0]), prediction(4, "four", [0, 0, 1]),
      prediction(5, "five", [0.5, 0.5, 0]),
    ]
    #expect(lines(PickOptions(count: 9), predictions) == [3, 5, 2, 1, 4])
    #expect(lines(PickOptions(count: 3), predictions) == [3, 5, 2])
    // 1.04, 0.97, 0.69 and 0 nats.
    #expect(lines(PickOptions(count: 9, criterion: .entropy), predictions) == [1, 2, 3, 5, 4])
  }

  @Test func `of equal and near-equal texts the most uncertain is picked, and no empty text`() {
    let predictions = [
      prediction(1, "So good!", [0.75, 0.25]), prediction(2, "", [0.5, 0.5]),
      prediction(3, "so GOOD #yes @you", [0.625, 0.375]), prediction(4, "so good", [0.625, 0.375]),
      prediction(5, "so bad", [1, 0]), prediction(6, "so bad", [1, 0]),
    ]
    #expect(lines(PickOptions(count: 9), predictions) == [3, 5])
    #expect(lines(PickOptions(count: 1), predictions) == [3])
  }

  @Test func `a long stream gives the same as sorting all of it`() {
    var seed: UInt64 = 7
    let predictions = (1...5000).map { line in
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let first = Float((seed >> 33) % 257) / 256
      return prediction(line, "text \((seed >> 20) % 900)", [first, 1 - first])
    }
    let sorted = predictions.sorted {
      let (left, right) = (
        abs($0.probabilities[2] - $0.probabilities[3]),
        abs($1.probabilities[2] - $1.probabilities[3])
      )
      return left != right ? left < right : $0.line < $1.line
    }
    var texts: Set<[UInt8]> = []
    let distinct = sorted.filter { texts.insert($0.text).inserted }.map(\.line)
    for count in [1, 10, 100, 2000] {
      #expect(lines(PickOptions(count: count), predictions) == Array(distinct.prefix(count)))
    }
    #expect(distinct.count > 500 && distinct.count < 2000)
  }

  // MARK: Formats

  private let classNames = ["bad", "go\"od"]
  private var picked: [Prediction] {
    var (first, second) = (
      prediction(3, "it's \"so\" so", [0.25, 0.75]), prediction(7, "é", [0.5, 0.5])
    )
    first.kept = [.init(text: "a1"), .init(text: "[1]", isJSON: true)]
    second.kept = [.init(text: "", isJSON: true), .init(text: "x")]
    return [first, second]
  }

  private func text(_ format: PickFormat, includesFile: Bool = false) -> String {
    format.text(
      picked, classNames, OutputFormat(includesFile: includesFile, kept: ["id", "line"]),
      model: "dlnc")
  }

  @Test func `doccano gets a line with a label for each text`() {
    #expect(
      text(.doccano)
        == #"{"text":"it's \"so\" so","label":["go\"od"],"line":3,"input:id":"a1","input:line":[1],"#
        + #""probability":0.75}"# + "\n"
        + #"{"text":"é","label":["bad"],"line":7,"input:id":null,"input:line":"x","probability":0.5}"#
        + "\n")
    #expect(text(.doccano, includesFile: true).contains(#""file":"a.csv","line":3,"#))
  }

  @Test func `Label Studio gets an array of tasks with predictions`() throws {
    #expect(
      text(.labelStudio)
        == #"[{"data":{"text":"it's \"so\" so","line":3,"input:id":"a1","input:line":[1]},"predictions":["#
        + #"{"model_version":"dlnc","score":0.75,"result":[{"from_name":"label","to_name":"text","#
        + #""type":"choices","value":{"choices":["go\"od"]}}]}]},"# + "\n"
        + #"{"data":{"text":"é","line":7,"input:id":null,"input:line":"x"},"predictions":["#
        + #"{"model_version":"dlnc","score":0.5,"result":[{"from_name":"label","to_name":"text","#
        + #""type":"choices","value":{"choices":["bad"]}}]}]}]"# + "\n")
    let none = PickFormat.labelStudio.text([], classNames, OutputFormat(), model: "")
    #expect(none == "[]\n")
  }

  @Test func `Prodigy gets a choice with the class selected`() {
    #expect(
      text(.prodigy).hasPrefix(
        #"{"text":"it's \"so\" so","options":[{"id":"bad","text":"bad"},{"id":"go\"od","text":"go\"od"}],"#
          + #""accept":["go\"od"],"meta":{"line":3,"id":"a1","input:line":[1],"probability":0.75}}"#
          + "\n"))
  }

  @Test(arguments: PickFormat.allCases)
  func `all of it is JSON`(format: PickFormat) throws {
    let text = text(format)
    let documents =
      format == .labelStudio ? [text] : text.split(separator: "\n").map(String.init)
    #expect(documents.count == (format == .labelStudio ? 1 : 2))
    for document in documents { _ = try JSONSerialization.jsonObject(with: Data(document.utf8)) }
  }
}
