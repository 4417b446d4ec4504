import Foundation
import Testing
import TestSupport

/// What people name as an input: links, pipes, several files, and files that no program reads.
struct InputTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try Project.bench()
    for name in ["a", "b"] {
      let rows = (0..<20).map { "\(name) text \($0),\($0.isMultiple(of: 2) ? "bad" : "good")\n" }
      try bench.write("text,label\n" + rows.joined(), to: "\(name).csv")
    }
    for index in 0..<12 {
      for label in ["bad", "good"] {
        try bench.write("a \(label) text \(index)", to: "classes/\(label)/\(index).txt")
      }
    }
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: bench(name), withDestinationPath: target)
  }

  private func ingest(_ arguments: String, to output: String) throws -> String {
    let words = arguments.split(separator: " ").map(String.init)
    let run = try Project.run(
      "ingest", words + ["--name", "own", "--quiet", "--output", output], in: bench)
    #expect(run.status == 0, "\(arguments): \(run.error)")
    return run.output + run.error
  }

  @Test func `several inputs are one, in any order and with or without the flag again`() throws {
    let output = try ingest("--archive a.csv --archive b.csv", to: "both")
    #expect(output.hasPrefix("own: 40 rows read, 40 kept\n"))
    for (name, arguments) in [("list", "a.csv b.csv"), ("reversed", "b.csv a.csv")] {
      #expect(try ingest("--archive \(arguments)", to: name) == output)
      for file in ["train", "validation", "test"] {
        let path = "\(file).safetensors"
        #expect(
          try Data(contentsOf: URL(fileURLWithPath: bench("\(name)/\(path)")))
            == Data(contentsOf: URL(fileURLWithPath: bench("both/\(path)"))))
      }
    }
  }

  @Test func `an input that cannot be meant is explained`() throws {
    try link("again.csv", to: "a.csv")
    try link("gone.csv", to: "nowhere.csv")
    for (input, problem, hint) in [
      ("https://example.org/a.csv", "an address, which is not fetched", "download it first"),
      ("a.csv,b.csv", "no such file or folder", "give the names one by one, without commas"),
      ("?.csv", "no such file or folder", "leave out quotes"),
      ("gone.csv", "a link to nowhere.csv, which leads nowhere", "restore what it leads to"),
    ] {
      let run = try Project.run(
        "ingest", ["--archive", input, "--name", "own", "--output", "out"], in: bench)
      #expect(run.status == 66)
      #expect(run.error.hasPrefix("ingest: --archive \(input): \(problem)\n"))
      #expect(run.error.contains("what to do: \(hint)"))
    }
    for (arguments, message) in [
      (["a.csv"], "name inputs with --archive a.csv"),
      (["--archive", "a.csv", "again.csv"], "--archive names again.csv twice"),
      (["--archive", "classes", "classes/bad"], "--archive names classes/bad twice"),
    ] {
      let run = try Project.run(
        "ingest", arguments + ["--name", "own", "--output", "out"], in: bench)
      #expect(run.status == 64)
      #expect(run.error.contains(message))
    }
    #expect(!bench.has("out"))
  }

  @Test func `named links are followed by every program`() throws {
    try link("linked", to: "classes")
    let output = try ingest("--archive classes", to: "runs/examples")
    for name in ["linked", "linked/"] {
      #expect(try ingest("--archive \(name)", to: "copy") == output)
    }
    try link("examples", to: "runs/examples")
    try link("vectors", to: "fixtures")
    for (program, arguments) in [
      ("vocab", "--examples examples --vectors vectors --minimum-count 1 --output vocab-folder"),
      ("train", "--vocab vocab --model majority --output model-folder"),
      ("evaluate", "--models model --vocab vocab --output report"),
      ("predict", "--checkpoint model a-link.csv"), ("inspect", "model"),
    ] {
      if program == "train" { try link("vocab", to: "vocab-folder") }
      if program == "evaluate" { try link("model", to: "model-folder/") }
      if program == "predict" { try link("a-link.csv", to: "a.csv") }
      let run = try Project.run(
        program, arguments.split(separator: " ").map(String.init), in: bench)
      #expect(run.status == 0, "\(program): \(run.error)")
    }
  }

  @Test func `classes that are links are classes, and hidden folders are none`() throws {
    try bench.write("x", to: "far/neutral/1.txt")
    try bench.write("y", to: "far/neutral/2.txt")
    try link("classes/neutral", to: "../far/neutral")
    for name in [".git/1.txt", ".ipynb_checkpoints/1.txt", ".cache/1.txt", "good/.x.txt"] {
      try bench.write("text", to: "classes/\(name)")
    }
    let output = try ingest("--archive classes", to: "out")
    #expect(output.contains("rows: 26 rows (bad 12, good 12, neutral 2)"))
  }

  @Test func `a folder and its tar give the same rows, each file once`() throws {
    try link("classes/good/again.txt", to: "1.txt")
    let tar = try Program("/bin/tar", ["-cf", "classes.tar", "classes"], in: bench).end()
    #expect(tar.status == 0)
    for input in ["classes", "classes.tar"] {
      let output = try ingest("--archive \(input)", to: "out")
      #expect(output.hasPrefix("own: 24 rows read"))
      #expect(output.contains("links to files that are read under another"))
    }
  }

  @Test func `litter does not make an output stale`() throws {
    try bench.write(
      """
      name: tidy
      stages:
        ingest: { run: ingest, inputs: { archive: classes }, with: { name: own } }

      """, to: "m.yaml")
    let run = try Project.run("pipeline", ["run", "m.yaml", "--quiet"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    try bench.write("Bud1", to: "classes/good/.DS_Store")
    try bench.write("x", to: "classes/Thumbs.db")
    let status = try Project.run("pipeline", ["status", "m.yaml"], in: bench)
    #expect(status.output.contains("fresh") && !status.output.contains("stale"))
  }

  @Test func `a folder saved by Hugging Face datasets is named`() throws {
    let arrow: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x78, 1, 0, 0, 0x10, 0, 0, 0, 0, 0, 10, 0]
    try bench.write(Data(arrow), to: "saved/train/data-00000-of-00001.arrow")
    try bench.write("{\"features\": {}}", to: "saved/train/dataset_info.json")
    try bench.write("{\n  \"_data_files\": []\n}", to: "saved/train/state.json")
    try bench.write("{\"splits\": [\"train\"]}", to: "saved/dataset_dict.json")
    let run = try Project.run(
      "ingest", ["--archive", "saved", "--name", "own", "--output", "out"], in: bench)
    #expect(run.status == 65)
    #expect(run.error.contains("saved/train/data-00000-of-00001.arrow: an Arrow stream"))
    #expect(run.error.contains("load_from_disk"))
  }

  @Test func `a file without labels beside others may be left out`() throws {
    try bench.write("id,text\n1,so\n", to: "parts/test.csv")
    try FileManager.default.copyItem(atPath: bench("a.csv"), toPath: bench("parts/train.csv"))
    let run = try Project.run(
      "ingest", ["--archive", "parts", "--name", "own", "--output", "out"], in: bench)
    #expect(run.status == 65)
    #expect(run.error.contains("parts/test.csv: line 1: the columns “id”, “text”"))
    #expect(run.error.contains("what to do: leave out a file without labels, or "))
  }

  @Test(
    arguments: [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
      ("PAR1\u{15}\u{4}\u{15}\0", "a Parquet file"), ("%PDF-1.7\n", "a PDF document"),
    ])
  func `what is neither text nor a model is named`(
    content: String, name: String
  ) throws {
    for file in ["data.csv", "data", "m/model.safetensors"] { try bench.write(content, to: file) }
    _ = try ingest("--archive a.csv", to: "examples")
    for (program, arguments) in [
      ("ingest", "--archive data.csv --name own --output out"),
      ("vocab", "--examples examples --vectors data --output out"),
      ("predict", "--checkpoint m"), ("inspect", "m/model.safetensors"),
      ("finetune", "--checkpoint m --vocab examples --output out"),
    ] {
      let run = try Project.run(
        program, arguments.split(separator: " ").map(String.init), in: bench)
      #expect(run.status == 65, "\(program): \(run.error)")
      #expect(run.error.contains(": \(name)"), "\(program): \(run.error)")
    }
  }
}
