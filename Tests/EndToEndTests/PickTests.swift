import Foundation
import Testing
import TestSupport

/// `predict --pick` on a small model of the fixtures, and `ingest` on what labelling tools make of it.
@Suite(.trainedModels)
struct PickTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  private func predict(
    _ arguments: [String]
  ) throws -> (status: Int32, output: String, error: String) {
    try Project.run(
      "predict",
      ["--checkpoint", "bag-of-words", "--task", "yelp", "--column", "review"] + arguments
        + ["fixtures/own-reviews.csv"], in: bench)
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test(arguments: ["margin", "entropy"])
  func `the most uncertain texts are picked, each once`(measure: String) throws {
    let all = try objects(try predict(["--json", "--with-text", "-q"]).output)
    func certainty(_ row: [String: Any]) throws -> Double {
      let values = try #require(row["probabilities"] as? [String: Double]).values.sorted(by: >)
      return measure == "margin" ? values[0] - values[1] : values.reduce(0) { $0 + $1 * log($1) }
    }
    let rows = try all.map { (row: $0, certainty: try certainty($0)) }
      .sorted { $0.certainty < $1.certainty }
    let picked = try predict(["--pick", "40", "--by", measure])
    #expect(picked.status == 0)
    #expect(picked.error.contains("40 of \(all.count) texts picked"), "\(picked.error)")
    let lines = try objects(picked.output)
    #expect(lines.count == 40 && Set(lines.compactMap { $0["text"] as? String }).count == 40)
    // Rows of texts that are picked already are passed over.
    var texts: Set<String> = []
    let expected = rows.filter { row in
      let text = (row.row["text"] as? String ?? "").lowercased().filter(\.isLetter)
      return !text.isEmpty && texts.insert(text).inserted
    }
    #expect(
      lines.compactMap { $0["line"] as? Int }
        == expected.prefix(40).compactMap { $0.row["line"] as? Int })
    for (line, row) in zip(lines, expected) {
      #expect(line["label"] as? [String] == [row.row["label"] as? String ?? ""])
    }
  }

  @Test func `batches, threads and streams change no byte`() throws {
    let whole = try predict(["--pick", "25", "-q"]).output
    #expect(try predict(["--pick", "25", "-q", "--batch", "7", "--threads", "1"]).output == whole)
    let piped = try Program(
      "/bin/sh",
      [
        "-c",
        "cat fixtures/own-reviews.csv | '\(Program.folder)'/predict -q --checkpoint bag-of-words "
          + "--task yelp --column review --pick 25",
      ], in: bench
    ).end()
    #expect(piped.output == whole && piped.status == 0, "\(piped.error)")
  }

  /// An export of the tool in which each guess is confirmed.
  private func confirmed(_ text: String, _ tool: String) throws -> String {
    switch tool {
    case "label-studio":
      let tasks = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
      let annotated = try tasks.enumerated().map { number, task in
        let guess = try #require((task["predictions"] as? [[String: Any]])?.first)
        return task.merging([
          "id": number,
          "annotations": [["result": guess["result"], "was_cancelled": false] as [String: Any?]],
        ]) { $1 }
      }
      return String(
        decoding: try JSONSerialization.data(withJSONObject: annotated), as: UTF8.self)
    default:
      return try objects(text).enumerated().map { number, record in
        let added: [String: Any] =
          tool == "doccano"
          ? ["id": number, "Comments": [String]()]
          : ["answer": "accept", "_input_hash": number, "_task_hash": number]
        let data = try JSONSerialization.data(withJSONObject: record.merging(added) { $1 })
        return String(decoding: data, as: UTF8.self) + "\n"
      }.joined()
    }
  }

  @Test(arguments: [
    ("doccano", "doccano JSON", "input:id"), ("label-studio", "Label Studio JSON", "input:id"),
    ("prodigy", "Prodigy", "meta.id"),
  ])
  func `ingest reads the texts after they were labelled`(
    tool: String, name: String, id: String
  ) throws {
    let picked = try predict(["--pick", "30", "--pick-format", tool, "--keep", "id,stars", "-q"])
    #expect(picked.status == 0, "\(picked.error)")
    try bench.write(try confirmed(picked.output, tool), to: "\(tool).json")
    let run = try Project.run(
      "ingest",
      ["--archive", "\(tool).json", "--name", "more", "--id-column", id, "--validation", "0"]
        + ["--test", "0", "--output", "more-\(tool)"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("30 rows read, 30 kept"), "\(run.output)")
    #expect(run.output.contains("format: \(name)\n"))
  }

  @Test(arguments: [
    (["--pick", "0"], "--pick is 0; it must be from 1 to 1000000."),
    (["--pick", "5", "--pick-format", "excel"], "'excel'"), (["--pick", "5", "--by", "x"], "'x'"),
    (["--by", "entropy"], "--by is given without --pick"),
    (["--pick-format", "prodigy"], "--pick-format is given without --pick"),
    (["--pick", "5", "--threshold", "0.5"], "--threshold is given with --pick"),
    (["--pick", "5", "--precision", "0.5"], "--precision is given with --pick"),
    (["--pick", "5", "--explain", "1"], "--explain is given with --pick"),
    (["--pick", "5", "--json"], "--json is given with --pick"),
  ])
  func `bad values and flags in conflict are refused`(arguments: [String], message: String) throws {
    let run = try predict(arguments)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains(message), "\(run.error)")
  }

  @Test func `fewer texts than asked for are all picked, and an error leaves none`() throws {
    try bench.write("fine soup\nFine, soup\n\ncold\n", to: "few.txt")
    let few = try Project.run(
      "predict", ["--checkpoint", "bag-of-words", "--task", "yelp", "--pick", "9", "few.txt"],
      in: bench)
    #expect(few.status == 0 && few.output.split(separator: "\n").count == 2)
    #expect(
      few.error.contains("2 of 4 texts picked; there are no more texts that differ"),
      "\(few.error)")
    try bench.write("{\"text\":\"a\"}\n{\"text\":1}\n", to: "bad.jsonl")
    let bad = try Project.run(
      "predict", ["--pick", "9", "--column", "text", "bad.jsonl"], in: bench)
    #expect(bad.status == 65 && bad.output.isEmpty)
  }
}
