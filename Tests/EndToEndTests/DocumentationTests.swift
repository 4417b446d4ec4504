import Foundation
import Testing
import TestSupport

/// README.md and the articles: their commands run, and their flags, files and links exist.
///
/// A code block says how it is tested: `sh test` is executed, `text output` is part of what the block
/// before it prints, `yaml test` is a valid manifest, `python test` runs in ``ModelFolderTests``, and
/// `no-test: REASON` cannot be tested. The first two blocks of README.md are plain `sh`, because
/// `.ci/run` executes them as they are.
struct DocumentationTests {
  private static let executed = Document.all.filter { document in
    document.blocks.contains { $0.language == "sh" && $0.annotation == "test" }
  }

  @Test func `the first two blocks of the README are the two commands that do everything`() {
    let blocks = Document.all[0].blocks.filter { $0.language == "sh" && $0.annotation.isEmpty }
    #expect(blocks.map(\.text) == ["sh pipelines/quickstart.sh", "swift test"])
  }

  @Test(arguments: Document.all)
  func `every code block says how it is tested`(document: Document) {
    let annotations = [
      "sh": ["test"], "text": ["output"], "yaml": ["test"], "python": ["test"],
    ]
    let plain = document.path == "README.md" ? 2 : 0
    let blocks = document.blocks
    #expect(blocks.count { $0.annotation.isEmpty } == plain)
    for block in blocks where !block.annotation.isEmpty {
      let isKnown = annotations[block.language]?.contains(block.annotation) ?? false
      let hasReason = block.annotation.wholeMatch(of: /no-test: \S.*/) != nil
      #expect(isKnown || hasReason, "\(document.path):\(block.line)")
    }
  }

  @Test(arguments: executed)
  func `every command runs and prints what is shown`(document: Document) throws {
    let bench = try Project.bench()
    try Self.writeSwift(in: bench)
    if document.path != "README.md" { try Project.run("pipeline", ["run", "--quiet"], in: bench) }
    var printed = ""
    for block in document.blocks {
      let location = "\(document.path):\(block.line)"
      switch (block.language, block.annotation) {
      case ("sh", "test"),
        ("sh", "") where block.text != "swift test":
        let path = "\(bench("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/bin")"
        let run = try Program(
          "/bin/sh", ["-eu", "-c", "exec 2>&1\n" + block.text], in: bench,
          environment: ["PATH": path]
        ).end()
        #expect(run.status == 0, "\(location)\n\(run.output)")
        printed = run.output
      case ("text", "output"):
        #expect(
          Self.blurred(printed).contains(Self.blurred(block.text)), "\(location)\n\(printed)")
      default: break
      }
    }
  }

  /// Writes a program `bin/swift` whose `swift run NAME` starts the program that was built with the
  /// tests; `swift build` does nothing.
  private static func writeSwift(in bench: TemporaryDirectory) throws {
    try bench.write(
      """
      #!/bin/sh
      [ "$1" = run ] || exit 0
      shift
      while :; do
        case $1 in
        -c) shift 2 ;;
        -*) shift ;;
        *) break ;;
        esac
      done
      name=$1
      shift
      exec "\(Program.folder)/$name" "$@"
      """, to: "bin/swift")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: bench("bin/swift"))
  }

  /// A text without its numbers and the width of its gaps.
  private static func blurred(_ text: String) -> String {
    text.replacing(/\d+(\.\d+)?/, with: "N").replacing(/[ \t]+/, with: " ")
  }

  @Test func `every manifest is valid`() throws {
    let manifests = Document.blocks("yaml", "test")
    #expect(manifests.count >= 3)
    for manifest in manifests {
      let bench = try Project.bench()
      try bench.write(manifest.text, to: "shown.yaml")
      for name in ["Yelp-JSON.zip", "glove.6B.zip"] { try bench.write("-", to: "data/\(name)") }
      let run = try Project.run("pipeline", ["run", "shown.yaml", "--dry-run"], in: bench)
      #expect(run.status == 0, "line \(manifest.line): \(run.error)")
      guard manifest.text.contains("matrix: { model: [") else { continue }
      // Two models and three seeds.
      #expect(run.output.matches(of: #/(?m)^train/.*: /#).count == 6, "\(run.output)")
    }
  }

  @Test func `one Python script is shown, and ModelFolderTests runs it`() {
    #expect(Document.blocks("python", "test").count == 1)
  }

  @Test(arguments: Document.all)
  func `every flag that is named exists`(document: Document) throws {
    let bench = try TemporaryDirectory()
    var flags = Self.flags(in: try Programs.help(bench).joined())
    // ArgumentParser has the first one and does not list it; the others belong to TensorBoard, SwiftPM,
    // MPI, Slurm and Prodigy, and to scripts in Sources/bench.
    flags.formUnion(["--generate-completion-script", "--logdir", "--traits", "--scratch-path"])
    flags.formUnion(["--mpi", "--ntasks", "--kill-on-bad-exit", "--check", "--view-id"])
    let unknown = Self.flags(in: document.text).subtracting(flags)
    #expect(unknown.isEmpty, "\(unknown.sorted())")
  }

  @Test func `the completion script that is named is printed`() throws {
    let bench = try TemporaryDirectory()
    let run = try Project.run("predict", ["--generate-completion-script", "bash"], in: bench)
    #expect(run.status == 0 && run.output.contains("_predict"))
  }

  @Test(arguments: Document.all)
  func `commands that are not run have the flags of their programs`(document: Document) throws {
    let bench = try TemporaryDirectory()
    let blocks = document.blocks.filter { $0.language == "sh" && $0.annotation != "test" }
    for line in blocks.flatMap({ $0.text.split(separator: "\n") }) {
      guard let match = line.firstMatch(of: /swift run (?:-c \w+ )?(\w+)(?: (\w+))?/) else {
        continue
      }
      let subcommand = match.2.map { [String($0)] } ?? []
      let program = String(match.1)
      let help =
        try Project.run(program, ["--help"], in: bench).output
        + Project.run(program, subcommand + ["--help"], in: bench).output
      let unknown = Self.flags(in: String(line)).subtracting(Self.flags(in: help))
      #expect(unknown.isEmpty, "\(line): \(unknown.sorted())")
    }
  }

  private static func flags(in text: String) -> Set<String> {
    Set(text.matches(of: /--[a-z][a-z-]*[a-z]/).map { String($0.output) })
  }

  @Test(arguments: Document.all)
  func `every link leads somewhere`(document: Document) throws {
    for link in document.prose.matches(of: /\]\(([^)]+)\)/).map({ String($0.1) }) {
      guard !link.hasPrefix("https://") else { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
      let path = parts[0].isEmpty ? document.path : "\(folder.isEmpty ? "." : folder)/\(parts[0])"
      #expect(FileManager.default.fileExists(atPath: "\(Project.root)/\(path)"), "\(link)")
      guard parts.count == 2 else { continue }
      #expect(Document(path: path).anchors.contains(String(parts[1])), "\(link)")
    }
    let pages = try FileManager.default.subpathsOfDirectory(
      atPath: "\(Project.root)/Sources/Documentation")
    for link in document.prose.matches(of: /<doc:([^>]+)>/).map({ String($0.1) }) {
      let isPage = pages.contains { page in
        ["md", "tutorial"].contains { page.hasSuffix("/\(link).\($0)") }
      }
      #expect(isPage, "\(link)")
    }
  }

  @Test(arguments: Document.all)
  func `every table has one line for each row, with as many cells as the first`(
    document: Document
  ) throws {
    var table: [Substring] = []
    for line in (document.prose + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
      let line = line.drop { $0 == " " }
      guard !line.hasPrefix("|") else {
        table.append(line)
        continue
      }
      guard !table.isEmpty else { continue }
      let cells = table.map { $0.replacing("\\|", with: "").count { $0 == "|" } }
      #expect(Set(cells).count == 1, "\(table[0])")
      #expect(table.dropFirst().first?.wholeMatch(of: /\|(:?-+:?\|)+/) != nil, "\(table[0])")
      table = []
    }
  }

  @Test(arguments: Document.all)
  func `every file of the project that is named exists`(document: Document) {
    let paths = document.text.matches(of: /(?:fixtures|pipelines|Sources|Tests|\.ci)\/[\w.\/-]*\w/)
    for path in paths.map({ String($0.output) }) {
      #expect(FileManager.default.fileExists(atPath: "\(Project.root)/\(path)"), "\(path)")
    }
  }

  @Test func `every suite of tests that is named exists`() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/Tests")
    let text = Document.all.map(\.text).joined()
    let suites = Set(text.matches(of: /`([A-Z][A-Za-z]+Tests)`/).map { String($0.1) })
    #expect(suites.count > 20)
    for suite in suites {
      #expect(files.contains { $0.hasSuffix("/\(suite).swift") }, "\(suite)")
    }
  }

  @Test func `the README is short, and so is the number of articles`() {
    #expect(
      Document.all[0].text.split(separator: "\n", omittingEmptySubsequences: false).count <= 251)
    // And the page that lists them.
    #expect(Document.all.dropFirst().count <= 18)
  }

  @Test func `the README leads to every article`() {
    let readme = Document.all[0].text
    for article in Document.all.dropFirst() where !article.path.hasSuffix("/Documentation.md") {
      #expect(readme.contains("](\(article.path))"), "\(article.path)")
    }
  }
}
