import Foundation
import Testing
import TestSupport
import TextClassification

/// Trained models in other programs.
@Suite(.trainedModels)
struct TextClassifierTests {
  private let bench: TemporaryDirectory
  private let texts = [
    "fine soup", "the worst film", " cold\u{85}soup,  and rude\n", "zzz qqq", "",
  ]

  init() throws { bench = try #require(TrainedModels.bench) }

  private func classifier(
    _ model: String, _ precision: TextClassifier.Precision = .float32
  ) throws -> TextClassifier {
    try TextClassifier(contentsOf: URL(fileURLWithPath: bench(model)), precision: precision)
  }

  private struct Answer: Decodable {
    var label: String
    var known: Double
    var probabilities: [String: Float]
  }

  @Test(arguments: ["bag-of-words", "runs/quickstart/finetune"], ["yelp", "ei-reg"])
  func `answers are those of the program predict`(model: String, task: String) throws {
    let lines = texts.map { $0.replacing("\n", with: " ") }.joined(separator: "\n") + "\n"
    try bench.write(lines, to: "texts-\(task)")
    let run = try Project.run(
      "predict", ["--checkpoint", model, "--task", task, "--json", "texts-\(task)"], in: bench)
    let expected = try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
    }
    let found = try classifier(model).predict(texts, task: task, threads: 2)
    #expect(expected.count == texts.count, "\(run.error)")
    for (answer, line) in zip(found, expected) {
      #expect(answer.label == line.label && answer.labels == [line.label])
      #expect(answer.probabilities == line.probabilities)
      #expect(abs(answer.known - line.known) < 0.001)
    }
  }

  @Test(arguments: [TextClassifier.Precision.bf16, .int8])
  func `less precise answers are those of the program predict`(
    precision: TextClassifier.Precision
  ) throws {
    let (model, file) = ("runs/quickstart/finetune", "text-\(precision)")
    try bench.write("fine soup\n", to: file)
    let run = try Project.run(
      "predict",
      ["--checkpoint", model, "--task", "yelp", "--json", "--precision", precision.rawValue, file],
      in: bench)
    let line = try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
    let answer = try classifier(model, precision).predict("fine soup", task: "yelp")
    #expect(answer.probabilities == line.probabilities, "\(run.error)")
    let precise = try classifier(model).predict("fine soup", task: "yelp")
    #expect(answer.probabilities != precise.probabilities)
  }

  @Test func `one text and several have the same answers, on any number of threads`() async throws {
    let classifier = try classifier("runs/quickstart/finetune")
    let expected = try classifier.predict(texts, task: "yelp")
    for (text, answer) in zip(texts, expected) {
      #expect(try classifier.predict(text, task: "yelp") == answer)
    }
    // All tasks of a model at once, from many threads.
    try await withThrowingTaskGroup(of: [Classification].self) { group in
      for number in 0..<24 {
        let task = classifier.tasks[number % classifier.tasks.count].name
        group.addTask {
          _ = try classifier.predict(texts, task: task, threads: 1 + number % 3)
          return try classifier.predict(texts, task: "yelp", threads: 1 + number % 2)
        }
      }
      for try await found in group { #expect(found == expected) }
    }
  }

  @Test(arguments: ["bag-of-words", "runs/quickstart/finetune"])
  func `models are read and used at the same time`(model: String) async throws {
    let expected = try classifier(model).predict(texts, task: "yelp")
    try await withThrowingTaskGroup(of: [Classification].self) { group in
      for number in 0..<16 {
        group.addTask {
          try classifier(model).predict(texts, task: "yelp", threads: 1 + number % 2)
        }
      }
      for try await found in group { #expect(found == expected) }
    }
  }

  @Test func `a classifier tells its tasks and classes`() throws {
    let classifier = try classifier("runs/quickstart/finetune")
    #expect(classifier.tasks.map(\.name) == ["ei-reg", "yelp", "imdb"])
    #expect(classifier.defaultTask.name == "imdb" && !classifier.defaultTask.isMultiLabel)
    #expect(classifier.defaultTask.classNames == ["negative", "positive"])
    #expect(try classifier.predict("").known == 0)
    #expect(try classifier.predict([]) == [])
    for threads in [Int.min, 0, Int.max] {
      #expect(try classifier.predict(texts, threads: threads) == classifier.predict(texts))
    }
  }

  @Test func `the words that moved an answer are those of the program predict`() throws {
    try bench.write("the worst film\n", to: "film")
    let run = try Project.run(
      "predict",
      ["--checkpoint", "bag-of-words", "--task", "yelp", "--explain", "2", "-q", "film"],
      in: bench)
    let words = try classifier("bag-of-words").explain("the worst film", task: "yelp", count: 2)
    #expect(words.count == 2)
    for word in words { #expect(run.output.contains("\(word.word)=")) }
  }

  @Test func `errors are typed, and say what to do`() throws {
    func error(_ body: () throws -> Void) throws -> ClassifierError {
      try #require(#expect(throws: ClassifierError.self) { try body() })
    }
    let model = try classifier("bag-of-words")
    let unknown = try error { _ = try model.predict("x", task: "films") }
    #expect(unknown.expected == "one of: ei-reg, yelp")
    let missing = try error { _ = try classifier("nothing") }
    #expect(missing.problem == "no such file")
    let other = try error { _ = try classifier("runs/quickstart/vocab") }
    #expect(other.problem.contains("no model.safetensors"))
    try bench.write("not a model", to: "damaged/model.safetensors")
    _ = try error { _ = try classifier("damaged") }
  }
}
