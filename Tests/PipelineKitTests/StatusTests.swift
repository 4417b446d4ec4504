import Foundation
import Safetensors
import StageKit
import Testing
import TestSupport

@testable import PipelineKit

/// `pipeline status` and `pipeline graph`.
struct StatusTests {
  /// The table with its numbers replaced by letters.
  private func table(_ project: TestProject, _ arguments: String...) throws -> String {
    let (status, output, _) = try project.start(["status", "m.yaml"] + arguments).end()
    #expect(status == 0)
    return output.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "DATE")
      .replacing(/\d+(\.\d+)? s/, with: "T").replacing(/\d+ MB/, with: "M")
      .replacing(/\ +/, with: " ")
  }

  @Test func `status shows which jobs are fresh, stale, waiting and never run, and why`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml", "--until", "train")
    #expect(
      try table(project) == """
        stage state made took memory
        left fresh DATE T M
        right fresh DATE T M
        vocab fresh DATE T M
        train fresh DATE T M
        report never run - - -

        """)
    try project.edit("text: r", "text: q")
    try project.edit("number: 0.25", "number: 0.75")
    #expect(
      try table(project) == """
        stage state made took memory
        left fresh DATE T M
        right stale DATE T M option text r -> q
        vocab waiting DATE T M its input right will be remade
        train stale DATE T M option number 0.25 -> 0.75
        report never run - - -

        """)
    project.folder.remove("left.txt")
    #expect(
      try table(project).contains(
        "\nleft refused DATE T M fake-stage: --one left.txt: no such file or folder\n"))
  }

  @Test func `an output with a stamp of an earlier version is stale, and is made again`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml", "--until", "vocab")
    let stamp = try #require(project.folder.read("runs/chain/left/stamp.json"))
    let earlier = stamp.replacing("\"format\" : 2", with: "\"format\" : 1")
    try #require(stamp != earlier)
    for text in [earlier, #"{"fingerprint": {"entries": []}, "files": [], "outputs": []}"#, ""] {
      try project.folder.write(text, to: "runs/chain/left/stamp.json")
      #expect(
        try table(project).contains("\nleft stale - - - made by an earlier version\nright fresh "))
    }
    _ = project.ran()
    #expect(try project.pipeline("run", "m.yaml", "--until", "vocab").status == 0)
    // The content is the same, so that vocab is not made again.
    #expect(project.ran() == ["left"])
    #expect(try table(project).contains("\nleft fresh DATE"))
  }

  @Test func `status shows which jobs are running, and does not disturb them`() throws {
    let project = try TestProject.chained()
    try project.hook("hold-right")
    let run = try project.start(["run", "m.yaml"])
    #expect(eventually { project.folder.read("hooks/log") == "left\nright\n" })
    let during = try table(project)
    #expect(during.contains("\nleft fresh "))
    #expect(during.contains("\nright running - - - process "))
    project.unhook("hold-right")
    #expect(run.end().status == 0)
  }

  @Test func `an interrupted job is shown with the point it reached, or why that does not count`()
    throws
  {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml", "--until", "vocab")
    let arguments = ["--one", "runs/chain/vocab", "--number", "0.25", "--fingerprint"]
    let answer = try Program(project.folder("bin/train"), arguments, in: project.folder).end()
    var document = SafetensorsDocument(metadata: ["state": #"{"epoch":15,"batch":1,"step":99}"#])
    document.set("parameters", shape: [1], [Float(1)])
    try CheckpointFile(
      path: project.folder("runs/chain/train.resume"),
      fingerprint: JSONDecoder().decode(Fingerprint.self, from: Data(answer.output.utf8))
    ).save(document)
    #expect(
      try table(project).contains("\ntrain interrupted - - - interrupted at epoch 15\nreport never")
    )
    #expect(
      try project.pipeline("run", "m.yaml", "--dry-run").output
        .hasPrefix("train: interrupted at epoch 15\n"))
    try project.edit("number: 0.25", "number: 0.5")
    let other =
      "runs/chain/train.resume was interrupted at epoch 15 with other settings: "
      + "option number 0.25 -> 0.5"
    #expect(try table(project).contains("\ntrain never run - - - \(other)\n"))
    #expect(
      try project.pipeline("run", "m.yaml", "--dry-run").output
        .hasPrefix("train: never run; \(other)\n"))
    // Without its input the settings that it would have are not known.
    project.folder.remove("runs/chain/vocab")
    #expect(try table(project).contains("\ntrain interrupted - - - interrupted at epoch 15\n"))
  }

  @Test func `status can be printed as JSON`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml", "--only", "left")
    let output = try project.pipeline("status", "m.yaml", "--json").output
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let jobs = try decoder.decode([JobRecord].self, from: Data(output.utf8))
    #expect(jobs.map(\.id) == ["left", "right", "vocab", "train", "report"])
    #expect(jobs.map(\.state) == ["fresh"] + [String](repeating: "never run", count: 4))
    #expect(jobs[0].output == "runs/chain/left")
    #expect(abs(try #require(jobs[0].made).timeIntervalSinceNow) < 60)
    #expect(try #require(jobs[0].peakBytes) > 1_000_000)
    #expect(jobs[1].made == nil)
  }

  @Test func `a graph is text, Mermaid or DOT`() throws {
    let project = try TestProject()
    try project.folder.write(
      """
      name: m
      stages:
        a: { run: ingest, inputs: { one: 'x".txt' } }
        train: { run: train, inputs: { one: a }, matrix: { seed: [1, 2] } }
        report: { run: evaluate, inputs: { many: [a, train] } }
      """, to: "m.yaml")
    #expect(
      try project.pipeline("graph", "m.yaml").output == """
        a                     <- x".txt
        train (2 jobs: seed)  <- a
        report                <- a, train

        """)
    #expect(
      try project.pipeline("graph", "m.yaml", "--format", "mermaid").output == """
        flowchart TD
          f0[("x_.txt")]
          s0["a"]
          s1["train (2 jobs: seed)"]
          s2["report"]
          f0 --> s0
          s0 --> s1
          s0 --> s2
          s1 --> s2

        """)
    #expect(
      try project.pipeline("graph", "m.yaml", "--format", "dot").output == """
        digraph "m" {
          f0 [label="x_.txt", shape=cylinder];
          s0 [label="a", shape=box];
          s1 [label="train (2 jobs: seed)", shape=box];
          s2 [label="report", shape=box];
          f0 -> s0;
          s0 -> s1;
          s0 -> s2;
          s1 -> s2;
        }

        """)
  }
}
