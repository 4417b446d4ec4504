import Foundation
import Testing
import TestSupport

/// Unusual environments: streams, variables, directories, concurrent runs, signals.
struct EnvironmentTests {
  private static let ingest = [
    "--archive", "fixtures/aclImdb_v1.tar.gz", "--train", "20", "--validation", "10",
  ]

  /// Shell commands with the same effect; `$0` is the program, `$@` its arguments.
  private static let ways = [
    "\"$0\" \"$@\"", "env -i \"$0\" \"$@\"", "LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 \"$0\" \"$@\"",
    "TZ=Asia/Kathmandu LC_ALL=C HOME=/nowhere TMPDIR=/nowhere \"$0\" \"$@\"",
    "\"$0\" \"$@\" <&-", "\"$0\" \"$@\" <&- >&- 2>&-", "umask 077; \"$0\" \"$@\" 2>&1 | true",
  ]

  @Test func `the output does not depend on variables, locale, streams or spaces in paths`() throws
  {
    let bench = try Project.bench()
    var seen: Set<Data> = []
    for (number, way) in Self.ways.enumerated() {
      let output = "my runs/ü \(number)"
      let run = try Program(
        "/bin/sh", ["-c", way, "\(Program.folder)/ingest"] + Self.ingest + ["--output", output],
        in: bench
      ).end()
      #expect(run.status == 0, "\(way): \(run.error)")
      #expect(eventually { bench.has("\(output)/stamp.json") }, "\(way)")
      for name in ["train.safetensors", "summary.json"] {
        seen.insert(try #require(FileManager.default.contents(atPath: bench("\(output)/\(name)"))))
      }
    }
    #expect(seen.count == 2)
    #expect(bench.names(in: "my runs").count == Self.ways.count)
  }

  @Test
  func `from archive to report nothing depends on locale, time zone, home or number of cores`()
    throws
  {
    let bench = try Project.bench()
    let chain = """
      cd "$0" && mkdir "$2" && cd "$2" && ln -s ../fixtures . &&
      "$1"/ingest --archive fixtures/aclImdb_v1.tar.gz --train 60 --validation 20 -q --output a &&
      "$1"/vocab --examples a --vectors fixtures/glove.fixture.zip -q --output b &&
      "$1"/train --vocab b --hidden 4 --epochs 2 -q --output c &&
      "$1"/ingest --archive fixtures/Yelp-JSON.zip --train 60 --validation 20 --test 20 -q \\
        --output e &&
      "$1"/vocab --base b --examples e --vectors fixtures/glove.fixture.zip -q --output f &&
      "$1"/finetune --checkpoint c --vocab f --source imdb --epochs 2 -q --output g &&
      "$1"/train --vocab f --model bag-of-words -q --output h &&
      "$1"/train --vocab b --ngrams crossfit --hidden 4 --epochs 1 -q --output i &&
      "$1"/evaluate --models c --models g --models i --vocab b --vocab f -q --output d &&
      "$1"/predict --checkpoint g -q fixtures/generate.py >answers &&
      "$1"/predict --checkpoint h -q --json fixtures/generate.py >answers.json
      """
    // The level that `.ci/levels` chooses shapes bytes and is not part of the environment.
    let bare = "env -i ${KERNEL_LEVEL+KERNEL_LEVEL=$KERNEL_LEVEL}"
    let ways = [
      "", bare, "env LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=tr TZ=Asia/Kathmandu",
      "env -u HOME LC_ALL=C TZ=America/St_Johns SWIFT_DETERMINISTIC_HASHING=1", "taskset -c 0",
    ].filter(Self.isAvailable)
    let results = try ways.enumerated().map { number, way in
      let run = try Program(
        "/bin/sh",
        ["-c", "\(way) /bin/sh -c '\(chain)' \"$0\" \"$1\" \"$2\"", bench.path]
          + [Program.folder, "way\(number)"], in: bench
      ).end()
      #expect(run.status == 0, "\(way): \(run.error)")
      return try Self.files(below: bench("way\(number)"))
    }
    let first = try #require(results.first)
    #expect(results.count >= 4 && first.count > 40)
    #expect((first["answers"]?.count ?? 0) > 1000 && (first["answers.json"]?.count ?? 0) > 1000)
    for (way, result) in zip(ways, results) {
      #expect(Set(result.keys) == Set(first.keys), "\(way)")
      for (name, content) in result { #expect(content == first[name], "\(way): \(name)") }
    }
  }

  /// Whether the program that a command begins with exists.
  private static func isAvailable(_ way: String) -> Bool {
    guard let name = way.split(separator: " ").first else { return true }
    return ["/usr/bin/", "/bin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + name)
    }
  }

  /// The files of the stages' outputs except the stamps and the page, which contain times.
  private static func files(below folder: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { !$0.hasPrefix("fixtures") && !$0.hasSuffix("stamp.json") && !$0.hasSuffix(".html") }
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, $0) }
      })
  }

  @Test func `the runner needs no variables and no streams`() throws {
    let bench = try Project.bench()
    for way in ["env -i \"$0\" \"$@\"", "\"$0\" \"$@\" --force <&- >&- 2>&-"] {
      let run = try Program(
        "/bin/sh",
        ["-c", way, "\(Program.folder)/pipeline", "run", "--output-root", "my runs"]
          + ["--only", "imdb"],
        in: bench
      ).end()
      #expect(run.status == 0, "\(way): \(run.error)")
      #expect(bench.has("my runs/quickstart/imdb/stamp.json"))
    }
  }

  @Test func `an output that cannot be created is refused and changes nothing`() throws {
    let bench = try Project.bench()
    try bench.write("dear", to: "letter.txt")
    try bench.write("dear", to: "mine/letter.txt")
    let command = "ingest " + Self.ingest.joined(separator: " ")
    for refused in [
      Refused(
        "\(command) --output letter.txt", 73,
        """
        ingest: letter.txt: a file
          expected: a folder, or nothing yet
          what to do: choose another --output

        """),
      Refused(
        "\(command) --output letter.txt/x", 73,
        """
        ingest: letter.txt/x: cannot be created: *
          what to do: choose another --output or change its permissions

        """),
      Refused(
        "\(command) --output /proc/x", 73,
        """
        ingest: /proc/x*: cannot be created: *
          what to do: choose another --output or change its permissions

        """),
      Refused(
        // The parent directory of the test would not do: in a clone below the temporary directory it
        // contains the fixtures, which is refused for another reason.
        "\(command) --output mine/..", 73,
        """
        ingest: --output mine/..: a folder that no stage wrote, with * in it
          expected: a new or an empty folder, or an earlier output, which is replaced
          what to do: choose another --output, or move what is there

        """),
      Refused(
        "\(command) --output mine", 73,
        """
        ingest: --output mine: a folder that no stage wrote, with letter.txt in it
          expected: a new or an empty folder, or an earlier output, which is replaced
          what to do: choose another --output, or move what is there

        """),
      Refused(
        "\(command) --output fixtures", 64,
        """
        ingest: --output fixtures: it overlaps with --archive fixtures/aclImdb_v1.tar.gz
          what to do: write somewhere else

        """),
    ] { try refused.check(in: bench) }
    #expect(bench.read("letter.txt") == "dear" && bench.read("mine/letter.txt") == "dear")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write and read everything"))
  func `a folder or file without permission is refused`() throws {
    let bench = try Project.bench()
    try bench.write("", to: "closed/note.txt")
    try bench.write("", to: "secret.zip")
    for (name, mode) in [("closed", 0o555), ("secret.zip", 0)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: bench(name))
    }
    let command = "ingest " + Self.ingest.joined(separator: " ")
    try Refused(
      "\(command) --output closed/out", 73,
      """
      ingest: closed/out.lock: cannot be created: Permission denied
        what to do: choose another --output or change its permissions

      """
    ).check(in: bench)
    try Refused(
      "\(command) --output closed/a/out", 73,
      """
      ingest: closed/a/out: cannot be created: Permission denied
        what to do: choose another --output or change its permissions

      """
    ).check(in: bench)
    try Refused(
      "ingest --archive secret.zip --output out", 66,
      """
      ingest: --archive secret.zip: cannot be read: Permission denied
        what to do: check the path and its permissions

      """
    ).check(in: bench)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench("closed"))
  }

  @Test func `the second of two concurrent runs is refused; an interruption loses nothing`()
    throws
  {
    let bench = try Project.bench()
    try Project.quick(bench)
    let text = try #require(bench.read("quick.yaml"))
    let endless = text.replacing("epochs: 1, ", with: "epochs: 100000000, ")
    try #require(endless != text)
    try bench.write(endless, to: "quick.yaml")
    let arguments = ["run", "quick.yaml", "--until", "train"]
    let first = try Program("\(Program.folder)/pipeline", arguments, in: bench)
    #expect(eventually { bench.has("runs/quickstart/train.lock") })
    let second = try Project.run("pipeline", arguments, in: bench)
    #expect(second.status == 75)
    let message = "train: runs/quickstart/train: another run is writing this output (process "
    #expect(second.error.contains(message), "\(second.error)")
    kill(first.identifier, SIGINT)
    let (status, output, error) = first.end()
    #expect(status == 130, "\(error)")
    #expect(output.contains("vocab       made in "))
    #expect(output.contains("train       interrupted; run again to resume\n"), "\(output)")
    let names = bench.names(in: "runs/quickstart")
    #expect(!names.contains("train") && !names.contains("train.lock"), "\(names)")
    let state = try Project.run("pipeline", ["status", "quick.yaml"], in: bench)
    #expect(state.output.contains("vocab       fresh"), "\(state.output)")
  }
}
