import ArgumentParser
import StageKit
import Safetensors
import Support

/// The tool `inspect`: says what is in a file or folder that a stage wrote.
@main
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Says what a shard, a vocabulary, an embedding, a model or a stage's folder holds.",
    discussion: """
      Opens every file that the stages write, also what an interrupted training left \
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

  @Option(help: "How many rows or words to show, evenly spaced (default: 5; of a folder none).")
  var rows: Int?

  @Option(
    help: ArgumentHelp(
      "Show the words whose vectors are nearest to this word's, by cosine.", valueName: "word"))
  var near: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let rows, !(0...1_000_000).contains(rows) {
      throw ValidationError("--rows is \(rows); it must be from 0 to 1000000.")
    }
  }

  func run() throws {
    try reportingErrors(of: "inspect") {
      var description = InspectionReport(path)
      if isDirectory(path) == true {
        try description.describeFolder(rows: rows)
      } else {
        let file = try SafetensorsFile(path: path)
        try description.describe(file, rows: rows ?? 5)
      }
      if let near { try description.addNeighbours(of: near) }
      print(json ? description.json : description.text)
    }
  }
}
