import Foundation
import Testing
import Workbench

/// The README's commands are true: each is run here, in its order, in a folder of its own.
struct ReadmeTests {
  /// The blocks in a language, in their order.
  private static func blocks(_ language: String = "sh") throws -> [String] {
    let text = try String(contentsOfFile: "\(Project.root)/README.md", encoding: .utf8)
    let pieces = text.components(separatedBy: "```\(language)\n").dropFirst()
    return pieces.compactMap { $0.components(separatedBy: "\n```").first }
  }

  @Test func `the first two blocks are the two commands that do everything`() throws {
    let blocks = try Self.blocks()
    try #require(blocks.count >= 2)
    #expect(blocks[0] == "sh pipelines/quickstart.sh")
    #expect(blocks[1] == "swift test")
  }

  @Test func `the manifest that is shown is one`() throws {
    let bench = try Project.bench()
    try bench.write(try #require(try Self.blocks("yaml").first), to: "shown.yaml")
    for name in ["Yelp-JSON.zip", "glove.6B.zip"] { try bench.write("-", to: "data/\(name)") }
    let run = try Project.run("pipeline", ["run", "shown.yaml", "--dry-run"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    // Two models and three seeds.
    #expect(run.output.matches(of: /(?m)^train\/.*: never run$/).count == 6, "\(run.output)")
  }

  @Test func `every suite of tests that is named exists`() throws {
    let text = try String(contentsOfFile: "\(Project.root)/README.md", encoding: .utf8)
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/Tests")
    let suites = Set(text.matches(of: /`([A-Z][A-Za-z]+Tests)`/).map { String($0.1) })
    #expect(suites.count > 20)
    for suite in suites {
      #expect(files.contains { $0.hasSuffix("/\(suite).swift") }, "\(suite)")
    }
  }

  @Test func `every flag that is named exists`() throws {
    let text = try String(contentsOfFile: "\(Project.root)/README.md", encoding: .utf8)
    let bench = try Workbench()
    var help = ""
    for arguments in [
      ["ingest"], ["vocab"], ["train"], ["finetune"], ["evaluate"], ["pipeline"],
      ["pipeline", "run"], ["pipeline", "status"], ["pipeline", "graph"], ["predict"], ["inspect"],
    ] {
      help += try Project.run(arguments[0], arguments.dropFirst() + ["--help"], in: bench).output
    }
    // ArgumentParser has it and does not list it.
    let completions = try Project.run(
      "predict", ["--generate-completion-script", "bash"], in: bench)
    #expect(completions.status == 0 && completions.output.contains("_predict"))
    help += "--generate-completion-script"
    for flag in text.matches(of: /--[a-z][a-z-]*[a-z]/).map({ String($0.output) }) {
      #expect(help.contains(flag), "\(flag)")
    }
  }

  /// `swift run X` is run as the program X that was built with the tests. Lines that need what is
  /// not there (real archives) say so with the comment `# needs …` and are only checked for their
  /// flags. `echo … | swift run X` is run by the shell.
  @Test func `every further command of the README runs`() throws {
    let bench = try Project.bench()
    for line in try Self.blocks().dropFirst(2).joined(separator: "\n").split(separator: "\n") {
      let command = line.trimmingCharacters(in: .whitespaces)
      if command.hasPrefix("echo ") {
        let line = command.replacing("| swift run ", with: "| \(Program.folder)/")
        let run = try Program("/bin/sh", ["-c", line], in: bench).end()
        #expect(run.status == 0 && run.output.contains("\n1\t"), "\(command)\n\(run.error)")
      }
      guard command.hasPrefix("swift run ") else { continue }
      var words = command.split(separator: " ").map(String.init).dropFirst(2)
      while words.first?.hasPrefix("-") == true {
        words = words.first == "-c" ? words.dropFirst(2) : words.dropFirst()
      }
      let comment = words.firstIndex(of: "#") ?? words.endIndex
      let needs = words[comment...].dropFirst().first == "needs"
      let program = try #require(words.first)
      let arguments = Array(words[..<comment].dropFirst())
      if needs {
        let help =
          try Project.run(program, ["--help"], in: bench).output
          + Project.run(program, (arguments.first.map { [$0] } ?? []) + ["--help"], in: bench)
          .output
        for flag in arguments where flag.hasPrefix("--") {
          #expect(help.contains(flag), "\(command)")
        }
      } else {
        let run = try Project.run(program, arguments, in: bench)
        #expect(run.status == 0, "\(command)\n\(run.error)")
      }
    }
  }
}
