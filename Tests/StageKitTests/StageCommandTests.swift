import ArgumentParser
import Foundation
import Testing
import TestSupport

@testable import StageKit

/// The contract of a stage, tested with the fake stage as a program.
struct StageCommandTests {
  private func run(
    _ arguments: [String], in bench: TemporaryDirectory, environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String, error: String) {
    try Program(Program.folder + "/fake-stage", arguments, in: bench, environment: environment)
      .end()
  }

  /// Runs a shell command in which `$0` is the stage.
  private func shell(
    _ command: String, in bench: TemporaryDirectory
  ) throws -> (status: Int32, output: String, error: String) {
    try Program("/bin/sh", ["-c", command, Program.folder + "/fake-stage"], in: bench).end()
  }

  @Test func `a run writes its output, summary and stamp and reports`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("in", to: "a.txt")
    let (status, output, error) = try run(["--one", "a.txt", "--output", "out"], in: bench)
    #expect(status == 0)
    #expect(output == "wrote 7 bytes\n")
    #expect(error == "fake-stage: made out\nfake-stage: wrote out\n")
    #expect(bench.names(in: "out") == ["result.txt", "stamp.json", "summary.json", "summary.txt"])
    #expect(bench.read("out/result.txt") == "text+in")
    #expect(bench.read("out/summary.txt") == "wrote 7 bytes\n")
    #expect(bench.read("out/summary.json") == "{\n  \"text\" : \"wrote 7 bytes\"\n}\n")
    let stamp = try #require(Stamp(of: bench("out")))
    #expect(stamp.files.map(\.path) == ["a.txt"])
    #expect(stamp.outputs.map(\.path) == ["result.txt", "summary.json", "summary.txt"])
    #expect(stamp.peakBytes > 1_000_000)
    #expect(stamp.problems(at: bench("out")) == [])
  }

  @Test func `with --quiet and --json only JSON is printed`() throws {
    let bench = try TemporaryDirectory()
    let (status, output, error) = try run(["--quiet", "--json", "--output", "out"], in: bench)
    #expect(status == 0)
    #expect(output == "{\n  \"text\" : \"wrote 4 bytes\"\n}\n")
    #expect(error == "")
  }

  @Test func `--fingerprint prints the fingerprint of the stamp and writes nothing`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("in", to: "a.txt")
    let arguments = ["--many", "a.txt", "--text", "x", "--output", "out"]
    let before = try run(arguments + ["--fingerprint"], in: bench)
    #expect(before.status == 0)
    #expect(bench.names() == ["a.txt"])
    #expect(try run(arguments, in: bench).status == 0)
    let asked = try JSONDecoder().decode(Fingerprint.self, from: Data(before.output.utf8))
    #expect(asked == Stamp(of: bench("out"))?.fingerprint)
    #expect(
      asked.lines.map(\.name) == [
        "stage", "stage version", "option text", "option number", "option colour", "option list",
        "option model", "option seed", "option folds", "option fold", "option polish",
        "option loud", "option fit-validation-rows", "input many",
      ])
  }

  @Test func `standard input and pipes are read, and the fingerprint depends on their content`()
    throws
  {
    let bench = try TemporaryDirectory()
    try bench.write("in", to: "a.txt")
    let commands = [
      "\"$0\" --many a.txt --output file", "cat a.txt | \"$0\" --many - --output dash",
      "cat a.txt | \"$0\" --many /dev/stdin --output device",
      "mkfifo fifo; cat a.txt >fifo & \"$0\" --many fifo --output named",
    ]
    for command in commands {
      let run = try shell("\(command) --quiet", in: bench)
      #expect(run.status == 0, "\(run.error)")
    }
    let file = try #require(Stamp(of: bench("file")))
    for name in ["dash", "device", "named"] {
      #expect(bench.read("\(name)/result.txt") == "text+in")
      #expect(Stamp(of: bench(name))?.fingerprint == file.fingerprint)
      #expect(bench.names(in: name) == bench.names(in: "file"))
    }
    #expect(try shell("echo | \"$0\" --many - --output other", in: bench).status == 0)
    #expect(Stamp(of: bench("other"))?.fingerprint != file.fingerprint)
  }

  @Test func `a pipe is rejected where it would have to be read twice`() throws {
    let bench = try TemporaryDirectory()
    for arguments in ["--one - --output out", "--many - --fingerprint"] {
      let run = try shell("echo | \"$0\" \(arguments)", in: bench)
      #expect(run.status == 66)
      #expect(run.error.contains("standard input: a pipe, which can be read only once"))
      #expect(bench.names() == [])
    }
    // A stage that pipeline starts has the pipe of pipeline as standard input.
    let run = try shell("echo | STAGE_LIFELINE=stdin \"$0\" --many - --output out", in: bench)
    #expect(run.status != 0)
  }

  @Test func `a missing input is reported with its flag, with and without --fingerprint`() throws {
    let bench = try TemporaryDirectory()
    for arguments in [["--one", "no.txt"], ["--one", "no.txt", "--fingerprint"]] {
      let (status, output, error) = try run(arguments, in: bench)
      #expect(status == 66)
      #expect(output == "")
      #expect(
        error == """
          fake-stage: --one no.txt: no such file or folder
            what to do: check the path, or run the stage that makes it first

          """)
      #expect(bench.names() == [])
    }
  }

  @Test func `an error leaves the old output and no other files`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "hooks/none")
    let hooks = ["FAKE_STAGE_HOOKS": bench("hooks")]
    #expect(try run(["--output", "out"], in: bench, environment: hooks).status == 0)
    try bench.write("", to: "hooks/fail-out")
    let (status, _, error) = try run(
      ["--output", "out", "--text", "new"], in: bench, environment: hooks)
    #expect(status == 65)
    #expect(error == "fake-stage: out: told to fail\n  what to do: remove the hook\n")
    #expect(bench.read("out/result.txt") == "text")
    #expect(bench.names() == ["hooks", "out"])
  }

  @Test func `an error of any other kind is reported as a bug`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "hooks/throw-out")
    let (status, _, error) = try run(
      ["--output", "out"], in: bench, environment: ["FAKE_STAGE_HOOKS": bench("hooks")])
    #expect(status == 70)
    #expect(
      error
        == "fake-stage: out: No space left on device\n  what to do: this is a bug; please report it\n"
    )
    #expect(bench.names() == ["hooks"])
  }

  @Test(arguments: [
    ["--one", "a/in.txt", "--output", "a"], ["--one", "a", "--output", "a/out"],
    ["--one", "a", "--output", "a"], ["--one", "link/in.txt", "--output", "a"],
  ])
  func `an output that overlaps with an input is rejected`(arguments: [String]) throws {
    let bench = try TemporaryDirectory()
    try bench.write("in", to: "a/in.txt")
    try FileManager.default.createSymbolicLink(
      atPath: bench("link"), withDestinationPath: bench("a"))
    let (status, _, error) = try run(arguments, in: bench)
    #expect(status == 64)
    #expect(
      error == """
        fake-stage: --output \(arguments[3]): it overlaps with --one \(arguments[1])
          what to do: write somewhere else

        """)
    #expect(bench.read("a/in.txt") == "in")
  }

  @Test func `a folder that no stage wrote is rejected and not changed`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("dear", to: "mine/letter.txt")
    let one = try run(["--output", "mine"], in: bench)
    #expect(one.status == 73)
    #expect(
      one.error == """
        fake-stage: --output mine: a folder that no stage wrote, with letter.txt in it
          expected: a new or an empty folder, or an earlier output, which is replaced
          what to do: choose another --output, or move what is there

        """)
    try bench.write("in", to: "mine/photos/one.jpg")
    let two = try run(["--output", "mine"], in: bench)
    #expect(two.error.contains("with letter.txt and 1 more in it"))
    #expect(bench.names() == ["mine"] && bench.names(in: "mine") == ["letter.txt", "photos"])
    try FileManager.default.createDirectory(
      atPath: bench("empty"), withIntermediateDirectories: false)
    #expect(try run(["--output", "empty"], in: bench).status == 0)
  }

  @Test func `a negative number is the value of the flag before it`() throws {
    let bench = try TemporaryDirectory()
    let (status, output, _) = try run(
      ["--number", "-0.5", "--seed", "-3", "--quiet", "--fingerprint"], in: bench)
    #expect(status == 0)
    let asked = try JSONDecoder().decode(Fingerprint.self, from: Data(output.utf8))
    #expect(asked.options.contains(FingerprintEntry("number", "-0.5")))
    #expect(asked.options.contains(FingerprintEntry("seed", "-3")))
    #expect(joiningNegativeNumbers(["-q", "-1", "--a=1", "-1"]) == ["-q", "-1", "--a=1", "-1"])
    #expect(
      joiningNegativeNumbers(["--a", "-b", "--", "--c", "-1"]) == ["--a", "-b", "--", "--c", "-1"])
  }

  @Test(arguments: [
    (["--seed", "1", "--seed", "2"], "--seed is given twice, as 1 and 2; give it once."),
    (["--seed=1", "-q", "--seed", "1"], "--seed is given twice, as 1 and 1; give it once."),
    (
      ["--seed", "1", "--seed=-2", "--seed", "-3"],
      "--seed is given 3 times, as 1, -2 and -3; give it once."
    ),
    (
      ["--one", "a", "--text=", "--one", "b\u{7}"],
      "--one is given twice, as a and b\\u{7}; give it once."
    ),
    (["--text=-x", "--text=-y"], "--text is given twice, as -x and -y; give it once."),
    (["--output", "a", "--output", "b"], "--output is given twice, as a and b; give it once."),
    (
      ["--polish", "--no-polish"], "--polish and --no-polish exclude each other; give one of them."
    ),
  ])
  func `an option that takes one value is refused twice`(arguments: [String], message: String)
    throws
  {
    let bench = try TemporaryDirectory()
    let (status, output, error) = try run(arguments, in: bench)
    #expect(status == 64 && output == "" && bench.names() == [])
    #expect(error.hasPrefix("Error: \(message)\n"), "\(error)")
  }

  @Test func `lists, flags and what follows -- may be repeated`() throws {
    let bench = try TemporaryDirectory()
    let repeated = [
      "--list", "a", "--list=b", "--loud", "--loud", "-q", "--quiet", "--text", "seed",
    ]
    #expect(try run(repeated + ["--output", "out"], in: bench).status == 0)
    #expect(Several.repetitionMessage(in: ["--first", "1", "--", "--first", "2"]) == nil)
  }

  /// A program with subcommands, and an option with a short name.
  private struct Several: ParsableCommand {
    struct One: ParsableCommand {
      @Option(name: .shortAndLong) var first = 0
    }
    struct Two: ParsableCommand {
      @Option var second = 0
    }
    static let configuration = CommandConfiguration(
      subcommands: [One.self, Two.self], defaultSubcommand: One.self)
  }

  @Test func `short names and subcommands are known`() {
    let once = "give it once."
    #expect(
      Several.repetitionMessage(in: ["-f", "1", "--first=2"])
        == "--first is given twice, as 1 and 2; \(once)")
    #expect(
      Several.repetitionMessage(in: ["two", "--second", "1", "--second", "2"])
        == "--second is given twice, as 1 and 2; \(once)")
    #expect(Several.repetitionMessage(in: ["one", "--second", "1", "--second", "2"]) == nil)
  }

  @Test func `a stage describes its options`() throws {
    let output = try run(["--schema"], in: TemporaryDirectory()).output
    let schema = try JSONDecoder().decode(CommandLineSchema.self, from: Data(output.utf8))
    #expect(
      schema.names == [
        "text", "number", "colour", "list", "one", "many", "model", "seed", "folds", "fold",
        "polish", "no-polish", "loud", "fit-validation-rows", "no-fit-validation-rows",
      ])
    #expect(schema.options.filter(\.isInput).flatMap(\.names) == ["one", "many"])
    #expect(schema.options.filter(\.isNumber).flatMap(\.names) == ["number", "seed", "folds"])
    #expect(schema.options.filter(\.isRepeating).flatMap(\.names) == ["list", "many"])
    #expect(schema.option("colour")?.values == ["red", "green"])
  }

  @Test func `a second run of the same output is refused, and the message names the first`() throws
  {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "hooks/hold")
    let hooks = ["FAKE_STAGE_HOOKS": bench("hooks")]
    let first = try Program(
      Program.folder + "/fake-stage", ["--output", "out"], in: bench, environment: hooks)
    #expect(eventually { bench.has("hooks/log") })
    let second = try run(["--output", "out"], in: bench)
    #expect(second.status == 75)
    #expect(
      second.error == """
        fake-stage: out: another run is writing this output (process \(first.identifier))
          what to do: wait for it to end, or choose another --output

        """)
    bench.remove("hooks/hold")
    #expect(first.end().status == 0)
  }

  @Test func `a killed run leaves the old output and does not block the next run`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "hooks/none")
    let hooks = ["FAKE_STAGE_HOOKS": bench("hooks")]
    #expect(try run(["--output", "out", "--text", "old"], in: bench).status == 0)
    try bench.write("", to: "hooks/hold")
    let killed = try Program(
      Program.folder + "/fake-stage", ["--output", "out"], in: bench, environment: hooks)
    #expect(eventually { bench.has("hooks/log") })
    kill(killed.identifier, SIGKILL)
    #expect(killed.end().status == 137)
    #expect(bench.read("out/result.txt") == "old")
    #expect(bench.names() == ["hooks", "out", "out.lock", "out.partial"])
    #expect(try run(["--output", "out", "--text", "new"], in: bench).status == 0)
    #expect(bench.read("out/result.txt") == "new")
    #expect(bench.names() == ["hooks", "out"])
  }

  @Test func `closed streams and readers that exit do not disturb a stage`() throws {
    let bench = try TemporaryDirectory()
    for redirection in ["<&- >&- 2>&-", ">&-", "2>&-", "| true", "2>&1 | true"] {
      bench.remove("out")
      #expect(try shell("\"$0\" --output out \(redirection)", in: bench).status == 0)
      #expect(eventually { bench.read("out/result.txt") == "text" })
      #expect(bench.read("out/summary.txt") == "wrote 4 bytes\n")
    }
  }

  @Test func `a file that exceeds the size limit is reported and the old output stays`() throws {
    let bench = try TemporaryDirectory()
    try bench.write(String(repeating: "x", count: 5000), to: "large.txt")
    #expect(try run(["--output", "out"], in: bench).status == 0)
    // The unit of the limit is 512 bytes or 1024, as the shell likes it.
    let (status, _, error) = try shell(
      "ulimit -f 2; exec \"$0\" --one large.txt --output out", in: bench)
    #expect(status == 74)
    #expect(
      error == """
        fake-stage: out.partial/result.txt: writing 5005 bytes failed: File too large
          what to do: make room or choose another --output; the previous output is unchanged

        """)
    #expect(bench.read("out/result.txt") == "text")
    #expect(bench.names() == ["large.txt", "out"])
  }

  @Test func `wrong usage has exit status 64`() throws {
    let bench = try TemporaryDirectory()
    for arguments in [["--number", "0,5"], ["--nubmer", "1"], ["--colour", "blue"]] {
      #expect(try run(arguments, in: bench).status == 64)
      #expect(bench.names() == [])
    }
  }

  @Test func `a missing or edited output is detected, a copied one is intact`() throws {
    let bench = try TemporaryDirectory()
    #expect(try run(["--output", "out"], in: bench).status == 0)
    let stamp = try #require(Stamp(of: bench("out")))
    try FileManager.default.copyItem(atPath: bench("out"), toPath: bench("copy"))
    #expect(stamp.problems(at: bench("copy")) == [])
    try bench.write("texx", to: "out/result.txt")
    bench.remove("out/summary.txt")
    #expect(
      stamp.problems(at: bench("out"))
        == ["its output result.txt was changed", "its output summary.txt is missing"])
  }

  @Test func `a stamp that cannot be read or is of an earlier format is none, but exists`() throws {
    let bench = try TemporaryDirectory()
    #expect(try run(["--output", "out"], in: bench).status == 0)
    let current = try #require(bench.read("out/stamp.json"))
    let earlier = current.replacing("\"format\" : 2", with: "\"format\" : 1")
    try #require(earlier != current)
    for text in ["", "{}", "[1]", "{\"fingerprint\":{}}", earlier] {
      try bench.write(text, to: "out/stamp.json")
      #expect(Stamp(of: bench("out")) == nil && Stamp.exists(in: bench("out")))
    }
    #expect(!Stamp.exists(in: bench("other")))
    #expect(try run(["--output", "out"], in: bench).status == 0)
    #expect(Stamp(of: bench("out")) != nil)
  }
}
