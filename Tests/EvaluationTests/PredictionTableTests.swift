import Support
import TestSupport
import Testing

@testable import Evaluation

/// The tables of predictions.
struct PredictionTableTests {
  @Test func `a table has a row for each row and model, and any text is one field`() throws {
    let bench = try TemporaryDirectory()
    let output = try AtomicDirectory(at: bench("out"))
    let tables = PredictionTables(in: output)
    let texts = ["plain", "a, \"b\"\r\nc", " = "]
    let task = EvaluationTask(name: "mine", splitScheme: "official")
    for variant in [ModelVariant("dlnc", .fineTuned), ModelVariant("bag-of-words")] {
      let run = try predictions(
        [0, 1, 1], labels: [0, 0, 1], classNames: ["no", "yes, sir"], variant: variant, task: task,
        confidence: 0.75)
      try tables.append(
        run, probabilities: [0.75, 0.25, 0.25, 0.75, 0.25, 0.75], id: { "a.csv:\($0 + 2)" },
        text: { texts[$0] })
    }
    try output.commit()
    let lines = { (model: String) in
      [
        "mine,\(model),1,test,a.csv:2,plain,no,no,0.75,0.75,0.25",
        "mine,\(model),1,test,a.csv:3,\"a, \"\"b\"\"\r\nc\",no,\"yes, sir\",0.75,0.25,0.75",
        "mine,\(model),1,test,a.csv:4, = ,\"yes, sir\",\"yes, sir\",0.75,0.25,0.75",
      ]
    }
    let expected =
      ["task,model,seed,split,id,text,label,prediction,confidence,p:no,\"p:yes, sir\""]
      + lines("\"DLNC, fine-tuned\"") + lines("Bag of words")
    let table = try #require(bench.read("out/predictions/mine.official.csv"))
    #expect(Array(table.utf8) == Array(expected.map { $0 + "\r\n" }.joined().utf8))
  }
}
