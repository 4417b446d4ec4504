import ArgumentParser
import StageKit
import Support

/// The tool `inspect`: describes a file or folder that a stage wrote.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describes a shard, a vocabulary, an embedding, a model or the output of a stage.",
    discussion: """
      Reads every file that the stages write, including the state of an interrupted training \
      (OUTPUT.resume), and any other safetensors file.

      EXAMPLES
        inspect                                                the quickstart's model
        inspect runs/quickstart/train                          what it was made from
        inspect runs/quickstart/train/model.safetensors
        inspect runs/quickstart/yelp/test.safetensors --rows 10
        inspect runs/quickstart/vocab --near loved
        inspect runs/quickstart/vocab/yelp/train.safetensors --json | jq .lengths
      """,
    version: "inspect, version 1")

  @Argument(
    help: ArgumentHelp("A file or folder that a stage wrote.", valueName: "file or folder"),
    completion: .file())
  var path = "runs/quickstart/train"

  @Option(
    help: "The number of rows or words to show, evenly spaced (default: 5; for a folder, none).")
  var rows: Int?

  @Option(
    help: ArgumentHelp(
      "Show the words with the most similar vectors, by cosine.", valueName: "word"))
  var near: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try validate(ranges: ["rows": .integers(0...1_000_000)])
  }

  func run() throws {
    try reportingErrors(of: "inspect") {
      var report = try InspectionReport(of: path, rows: rows)
      if let near { try report.addNearestNeighbors(of: near) }
      print(json ? report.json : report.text)
    }
  }
}
