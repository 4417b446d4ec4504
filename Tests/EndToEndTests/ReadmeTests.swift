import Foundation
import Testing
import TestSupport

/// The README's commands are true: each is run here, in its order, in a folder of its own.
struct ReadmeTests {
  /// The blocks in a language, in their order.
  static func blocks(_ language: String = "sh") throws -> [String] {
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

  private static let commands = [
    ["ingest"], ["vocab"], ["train"], ["finetune"], ["evaluate"], ["pipeline"],
    ["pipeline", "run"], ["pipeline", "status"], ["pipeline", "graph"], ["pipeline", "export"],
    ["pipeline", "cancel"], ["predict"], ["inspect"], ["bench"],
  ]

  /// What each command says of itself.
  private static func help(_ bench: TemporaryDirectory) throws -> [String] {
    try commands.map { command in
      try Project.run(command[0], command.dropFirst() + ["--help"], in: bench).output
    }
  }

  @Test func `every flag that is named exists`() throws {
    let text = try String(contentsOfFile: "\(Project.root)/README.md", encoding: .utf8)
    let bench = try TemporaryDirectory()
    var help = try Self.help(bench).joined()
    // ArgumentParser has it and does not list it.
    let completions = try Project.run(
      "predict", ["--generate-completion-script", "bash"], in: bench)
    #expect(completions.status == 0 && completions.output.contains("_predict"))
    // And these are those of TensorBoard, of the package manager and of Slurm.
    help += "--generate-completion-script --logdir --traits --scratch-path"
    help += "--mpi --ntasks --kill-on-bad-exit"
    for flag in text.matches(of: /--[a-z][a-z-]*[a-z]/).map({ String($0.output) }) {
      #expect(help.contains(flag), "\(flag)")
    }
  }

  /// Blocks of help stand here as they are printed; those of results but for numbers and gaps.
  @Test func `every block of text is what the programs print`() throws {
    let bench = try Project.bench()
    let help = try Self.help(bench).joined()
    let run = try Project.run("pipeline", ["run"], in: bench)
    let question = "echo 'what a lovely film' | \(Program.folder)/predict"
    let answer = try Program("/bin/sh", ["-c", question], in: bench).end()
    func blurred(_ text: String) -> String {
      text.replacing(/\d+(\.\d+)?/, with: "N").replacing(/[ \t]+/, with: " ")
    }
    let own = try Project.run(
      "ingest",
      """
      --archive fixtures/own-reviews.csv --name reviews --text-column review --label-column stars \
      --labels 1=negative,2=negative,3=neutral,4=positive,5=positive
      """.split(separator: " ").map(String.init), in: bench)
    let printed = blurred(run.error + run.output + answer.output + own.output)
    let blocks = try Self.blocks("text").filter { !$0.hasPrefix("tensorboard ") }
    #expect(blocks.count == 5)
    for block in blocks {
      let isHelp = block.prefix { $0 != "\n" }.wholeMatch(of: /[A-Z ]+:/) != nil
      #expect(isHelp ? help.contains(block) : printed.contains(blurred(block)), "\(block)")
    }
  }

  @Test func `every flag of every program says what it is for`() throws {
    struct Tool: Decodable { var command: Command }
    struct Command: Decodable {
      var commandName: String
      var arguments: [Argument]?
      var subcommands: [Command]?
    }
    struct Argument: Decodable {
      var valueName: String?
      var abstract: String?
    }
    func check(_ command: Command) {
      for argument in command.arguments ?? [] {
        let name = "\(command.commandName) \(argument.valueName ?? "")"
        #expect((argument.abstract ?? "").count > 5, "\(name) has no help")
      }
      for inner in command.subcommands ?? [] where inner.commandName != "help" { check(inner) }
    }
    let bench = try TemporaryDirectory()
    for program in Set(Self.commands.map { $0[0] }) {
      let dump = try Project.run(program, ["--experimental-dump-help"], in: bench)
      check(try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8)).command)
    }
  }

  /// A line that is too long is wrapped, and no longer can be pasted.
  @Test func `every help has examples that are not wrapped`() throws {
    let bench = try TemporaryDirectory()
    for (command, help) in zip(Self.commands, try Self.help(bench)) where command.count == 1 {
      let examples =
        help.components(separatedBy: "\nEXAMPLES\n").last?
        .components(separatedBy: "\n\n").first ?? ""
      #expect(help.contains("\nEXAMPLES\n") && examples.contains("  \(command[0]) "))
      for line in examples.split(separator: "\n") { #expect(line.hasPrefix("  "), "\(line)") }
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
