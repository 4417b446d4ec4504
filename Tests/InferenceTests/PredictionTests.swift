import Testing

@testable import Inference

/// The formats of predictions.
struct PredictionTests {
  private let classNames = ["bad\tone", "good"]
  private let prediction = Prediction(
    file: "in\u{1B}.txt", line: 7, text: Array("it's \"so\" so".utf8),
    probabilities: [0, 1, 0.25, 0.75][2...])

  @Test func `a table has a line of names, and nothing in it breaks a line or a column`() {
    let format = OutputFormat(includesFile: true, includesText: true)
    #expect(format.header(classNames) == "file\tline\tlabel\tbad\\u{9}one\tgood\ttext\n")
    #expect(
      format.line(prediction, classNames) == "in\\u{1b}.txt\t7\tgood\t0.25\t0.75\tit's \"so\" so\n")
    #expect(OutputFormat().line(prediction, classNames) == "7\tgood\t0.25\t0.75\n")
  }

  @Test func `JSON lines have no heading`() {
    let format = OutputFormat(isJSON: true, includesFile: true, includesText: true)
    #expect(format.header(classNames) == "")
    #expect(
      format.line(prediction, classNames) == #"{"file":"in\u001b.txt","line":7,"label":"good","#
        + #""probabilities":{"bad\tone":0.25,"good":0.75},"text":"it's \"so\" so"}"# + "\n")
  }

  @Test func `of equally probable classes the first is chosen`() {
    let even = Prediction(file: "", line: 1, text: [], probabilities: [0.25, 0.375, 0.375])
    #expect(even.predictedClass == 1)
  }
}
