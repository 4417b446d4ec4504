import Foundation
import Testing
import TestSupport

/// The programs and their subcommands.
enum Programs {
  /// Each program, and each subcommand of a program.
  static let commands = [
    ["ingest"], ["vocab"], ["pretrain"], ["train"], ["finetune"], ["evaluate"], ["export"],
    ["pipeline"],
    ["pipeline", "init"], ["pipeline", "run"], ["pipeline", "tune"], ["pipeline", "status"],
    ["pipeline", "graph"], ["pipeline", "export"], ["pipeline", "cancel"], ["predict"], ["inspect"],
    ["bench"],
  ]

  /// The help text of each command.
  static func help(_ bench: TemporaryDirectory) throws -> [String] {
    try commands.map { command in
      try Project.run(command[0], command.dropFirst() + ["--help"], in: bench).output
    }
  }
}

/// The help texts of all programs are complete and can be copied from.
struct HelpTests {
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
    for program in Set(Programs.commands.map { $0[0] }) {
      let dump = try Project.run(program, ["--experimental-dump-help"], in: bench)
      check(try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8)).command)
    }
  }

  /// A line that is too long is wrapped, and can no longer be pasted.
  @Test func `every help has examples that are not wrapped`() throws {
    let bench = try TemporaryDirectory()
    for (command, help) in zip(Programs.commands, try Programs.help(bench))
    where command.count == 1 {
      let examples =
        help.components(separatedBy: "\nEXAMPLES\n").last?
        .components(separatedBy: "\n\n").first ?? ""
      #expect(help.contains("\nEXAMPLES\n") && examples.contains("  \(command[0]) "))
      for line in examples.split(separator: "\n") { #expect(line.hasPrefix("  "), "\(line)") }
    }
  }

  @Test func `every program rejects an option of one value that is given twice`() throws {
    let bench = try TemporaryDirectory()
    for (command, option) in [
      (["ingest"], "--seed"), (["vocab"], "--vectors"), (["pretrain"], "--vocab"),
      (["train"], "--vocab"),
      (["finetune"], "--checkpoint"), (["evaluate"], "--title"), (["export"], "--weights"),
      (["predict"], "--checkpoint"),
      (["inspect"], "--rows"), (["bench"], "--rounds"), (["pipeline"], "--tools"),
      (["pipeline", "run"], "--jobs"), (["pipeline", "tune"], "--budget"),
      (["pipeline", "status"], "--output-root"),
      (["pipeline", "graph"], "--format"), (["pipeline", "export"], "--output"),
      (["pipeline", "cancel"], "--tools"),
    ] {
      let end = try Project.run(
        command[0], command.dropFirst() + [option, "1", "\(option)=2"], in: bench)
      #expect(end.status == 64 && end.output == "")
      #expect(
        end.error.hasPrefix("Error: \(option) is given twice, as 1 and 2; give it once.\n"),
        "\(command): \(end.error)")
    }
    #expect(bench.names() == [])
  }
}
