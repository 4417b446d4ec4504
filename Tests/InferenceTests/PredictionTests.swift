import Foundation
import Testing

@testable import Inference

/// The formats of predictions.
struct PredictionTests {
  private let classNames = ["bad\tone", "good"]
  private let prediction = Prediction(
    file: "in\u{1B}.txt", line: 7, text: Array("it's \"so\" so".utf8), known: 0.75,
    probabilities: [0, 1, 0.25, 0.75][2...])

  @Test func `a table has a line of names, and nothing in it breaks a line or a column`() {
    let format = OutputFormat(includesFile: true, includesText: true)
    #expect(format.header(classNames) == "file\tline\tlabel\tknown\tbad\\u{9}one\tgood\ttext\n")
    #expect(
      format.line(prediction, classNames)
        == "in\\u{1b}.txt\t7\tgood\t0.750\t0.25\t0.75\tit's \"so\" so\n")
    #expect(OutputFormat().line(prediction, classNames) == "7\tgood\t0.750\t0.25\t0.75\n")
  }

  @Test func `JSON lines have no heading`() {
    let format = OutputFormat(isJSON: true, includesFile: true, includesText: true)
    #expect(format.header(classNames) == "")
    #expect(
      format.line(prediction, classNames)
        == #"{"file":"in\u001b.txt","line":7,"label":"good","known":0.750,"#
        + #""probabilities":{"bad\tone":0.25,"good":0.75},"text":"it's \"so\" so"}"# + "\n")
  }

  @Test func `copied values follow the line, and names of other columns get a prefix`() {
    var prediction = prediction
    prediction.kept = [
      .init(text: "a\tb"), .init(text: "x"), .init(text: "[1, \"é\"]", isJSON: true),
      .init(text: "", isJSON: true),
    ]
    let kept = ["id", "label", "tags", "none"]
    let table = OutputFormat(kept: kept)
    #expect(
      table.header(["a", "b"]) == "line\tid\tinput:label\ttags\tnone\tlabel\tknown\ta\tb\n")
    #expect(
      table.line(prediction, ["a", "b"]) == "7\ta\\u{9}b\tx\t[1, \"é\"]\t\tb\t0.750\t0.25\t0.75\n")
    #expect(
      OutputFormat(isJSON: true, kept: kept).line(prediction, ["a", "b"])
        == #"{"line":7,"id":"a\tb","input:label":"x","tags":[1, "é"],"none":null,"label":"b","known":0.750,"#
        + #""probabilities":{"a":0.25,"b":0.75}}"# + "\n")
    #expect(table.header(["id", "b"]).hasSuffix("\tlabel\tknown\tp:id\tp:b\n"))
  }

  /// Zero-width joiners, soft hyphens, direction marks, unassigned characters, combining marks, quotes.
  private static let oddNames = [
    "\u{62E}\u{648}\u{634}\u{200C}\u{62D}\u{627}\u{644}", "co\u{AD}op", "👨\u{200D}👩\u{200D}👧",
    "e\u{301}", "\u{E9}", "\u{202E}abc", "\u{2028}", "\u{E000}", "\u{378}", "\"quoted\"", "a\\b",
    "p:q",
  ]

  @Test(arguments: oddNames)
  func `names keep their bytes`(name: String) {
    #expect(
      Array(OutputFormat().header([name]).utf8) == Array("line\tlabel\tknown\t\(name)\n".utf8))
    let certain = Prediction(file: "", line: 1, text: [], known: 1, probabilities: [1])
    #expect(
      Array(OutputFormat().line(certain, [name]).utf8) == Array("1\t\(name)\t1.000\t1.0\n".utf8))
    let key = OutputFormat(isJSON: true).line(certain, [name]).utf8
    let value = try? JSONDecoder().decode(Answer.self, from: Data(key))
    #expect(value?.label.utf8.elementsEqual(name.utf8) == true)
  }

  private struct Answer: Decodable { var label: String }

  @Test(arguments: [
    "\u{0}", "a\tb", "\n", "\r\n", "\u{1B}[2J", "\u{85}", "\\u{9}", "\\u{5c}u{9}\t",
  ])
  func `control characters are escaped so that they can be restored`(name: String) {
    let line = OutputFormat().header([name])
    #expect(line.unicodeScalars.count { $0.properties.generalCategory == .control } == 4)
    let cell = line.dropFirst("line\tlabel\tknown\t".count).dropLast()
    let restored = String(cell).replacing(/\\u\{([0-9a-f]+)\}/) { match in
      String(UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map(Character.init) ?? "?")
    }
    #expect(restored == name)
  }

  @Test(arguments: [
    (["label", "line", "text"], "file\tline\tlabel\tknown\tp:label\tp:line\tp:text\ttext\n"),
    (["file", "p:file"], "file\tline\tlabel\tknown\tp:file\tp:p:file\ttext\n"),
    (["text", "p:text"], "file\tline\tlabel\tknown\tp:text\tp:p:text\ttext\n"),
    (["Label", "a"], "file\tline\tlabel\tknown\tLabel\ta\ttext\n"),
  ])
  func `columns have different names whatever classes are called`(
    classNames: [String], header: String
  ) {
    let format = OutputFormat(includesFile: true, includesText: true)
    #expect(format.header(classNames) == header)
    // Without the column of texts there is no other column of that name.
    #expect(OutputFormat().header(["text", "file"]) == "line\tlabel\tknown\ttext\tfile\n")
  }

  @Test func `the best classes with their probabilities replace those of all`() {
    let many = Prediction(
      file: "", line: 3, text: [], known: 0.5, probabilities: [0.25, 0.125, 0.375, 0.25])
    let names = ["a", "b", "c", "d"]
    var format = OutputFormat(top: 3)
    #expect(
      format.header(names) == "line\tlabel\tknown\ttop 1\tp 1\ttop 2\tp 2\ttop 3\tp 3\n")
    #expect(format.line(many, names) == "3\tc\t0.500\tc\t0.375\ta\t0.25\td\t0.25\n")
    format.isJSON = true
    #expect(
      format.line(many, names) == #"{"line":3,"label":"c","known":0.500,"top":["#
        + #"{"label":"c","probability":0.375},{"label":"a","probability":0.25},"#
        + #"{"label":"d","probability":0.25}]}"# + "\n")
    (format.isJSON, format.top) = (false, 9)
    #expect(format.header(names).split(separator: "\t").count == 3 + 2 * 4)
  }

  @Test func `the words that moved a prediction follow the probabilities`() {
    var explained = prediction
    explained.because = [
      .init(word: "co\"ld", by: 0.31251), .init(word: "a", by: -0.2), .init(word: "b", by: 0.1),
    ]
    var format = OutputFormat(kept: ["because"], includesText: true, explained: 2)
    explained.kept = [.init(text: "x")]
    #expect(
      format.header(["a", "b"])
        == "line\tinput:because\tlabel\tknown\ta\tb\tbecause\ttext\n")
    #expect(
      format.line(explained, ["a", "b"])
        == "7\tx\tb\t0.750\t0.25\t0.75\tco\"ld=0.3125 a=-0.2000\tit's \"so\" so\n")
    #expect(format.header(["because"]).contains("\tp:because\tbecause\t"))
    (format.isJSON, format.includesText) = (true, false)
    #expect(
      format.line(explained, ["a", "b"]).hasSuffix(
        #""probabilities":{"a":0.25,"b":0.75},"#
          + #""because":[{"word":"co\"ld","by":0.3125},{"word":"a","by":-0.2000}]}"# + "\n"))
    explained.because = []
    #expect(format.line(explained, ["a", "b"]).hasSuffix(#","because":[]}"# + "\n"))
  }

  @Test func `a class below the threshold is no answer`() {
    for (threshold, label) in [(0.75, "good"), (0.7501, "none"), (0, "good"), (1, "none")] {
      let rule = AnswerRule(threshold: threshold, otherwise: "un\tsure")
      let cells = OutputFormat(rule: rule).line(prediction, classNames).split(separator: "\t")
      #expect(cells[1] == (label == "good" ? "good" : "un\\u{9}sure"))
      #expect(cells.suffix(2) == ["0.25", "0.75\n"])
      let object = OutputFormat(isJSON: true, rule: rule).line(prediction, classNames)
      #expect(object.contains(#""label":"good""#) == (label == "good"))
    }
  }

  @Test func `of equally probable classes the first is chosen`() {
    let even = Prediction(
      file: "", line: 1, text: [], known: 1, probabilities: [0.25, 0.375, 0.375])
    #expect(even.predictedClass == 1)
  }
}

/// Predictions of multi-label tasks.
struct LabelPredictionTests {
  private let classNames = ["a|b", "c", "d"]
  private let prediction = Prediction(
    file: "in", line: 1, text: Array("x".utf8), known: 1, probabilities: [0.5, 0.25, 0.75],
    thresholds: [0.5, 0.5, 0.5])

  private func format(isJSON: Bool = false, rule: AnswerRule? = nil) -> OutputFormat {
    var format = OutputFormat(isJSON: isJSON, kept: ["labels", "label"], rule: rule)
    format.isMultiLabel = true
    return format
  }

  @Test func `labels are joined with a bar, and a bar in a name is escaped`() {
    #expect(
      format().header(classNames)
        == "line\tinput:labels\tlabel\tlabels\tknown\ta|b\tc\td\n")
    #expect(
      format().line(prediction, classNames) == "1\ta\\u{7c}b|d\t1.000\t0.5\t0.25\t0.75\n")
  }

  @Test func `JSON has an array of labels, also of none`() {
    var format = format(isJSON: true)
    format.kept = []
    let probabilities = #""known":1.000,"probabilities":{"a|b":0.5,"c":0.25,"d":0.75}}"# + "\n"
    #expect(
      format.line(prediction, classNames)
        == #"{"line":1,"labels":["a|b","d"],"# + probabilities)
    format.rule = AnswerRule(threshold: 0.9, otherwise: nil)
    #expect(format.line(prediction, classNames) == #"{"line":1,"labels":[],"# + probabilities)
    format.rule?.otherwise = "none"
    #expect(format.line(prediction, classNames) == #"{"line":1,"labels":["none"],"# + probabilities)
  }

  @Test func `a threshold replaces those of the model`() {
    #expect(prediction.labels(nil) == [0, 2])
    #expect(prediction.labels(AnswerRule(threshold: 0.25, otherwise: nil)) == [0, 1, 2])
    #expect(prediction.labels(AnswerRule(threshold: nil, otherwise: "none")) == [0, 2])
    #expect(prediction.confidence == 0.5)
  }

  @Test func `a text is uncertain if a label is close to its threshold`() {
    let margin = PickOptions.Criterion.margin
    #expect(
      margin.certainty([0.9, 0.4], [0.5, 0.5]) > margin.certainty([0.9, 0.4], [0.5, 0.375]))
    let entropy = PickOptions.Criterion.entropy
    #expect(entropy.certainty([0.5, 0.5], [0.5, 0.5]) == -2 * log(2))
  }
}
