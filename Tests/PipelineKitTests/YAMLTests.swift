import Foundation
import Support
import Testing

@testable import PipelineKit

/// Manifests as editors and habits leave them: encodings, line ends, tabs, and values without quotes.
struct YAMLTests {
  private static let good = "name: m\nstages:\n  a: { run: ingest, with: { text: x } }\n"
  private static let bad = good.replacing("text", with: "txet")

  @Test(arguments: ["\u{FEFF}", "\u{FEFF}# a comment\n", "---\n"])
  func `a byte order mark is passed over`(head: String) async throws {
    for text in [head + Self.good, (head + Self.good).replacing("\n", with: "\r\n")] {
      #expect(try await TestProject().lines(text) == ["ingest --text x --output runs/m/a"])
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `a mistake is shown in its line, whatever ends the lines`(end: String) async throws {
    try await expectMessage(
      """
      m.yaml:3:29: ingest has no option --txet
        3 |   a: { run: ingest, with: { txet: x } }
          |                             ^~~~
        what to do: did you mean “text”?
      """,
      for: "\u{FEFF}" + Self.bad.replacing("\n", with: end))
  }

  @Test(arguments: [
    ("  a:\n\trun: ingest\n", "4:1", "→run: ingest", "^"),
    ("  a:\r\n  \trun: ingest\r\n", "4:3", "  →run: ingest", "  ^"),
    ("\ta:\n\t\trun: ingest\n", "3:1", "→a:", "^"),
  ])
  func `a tab in the indentation is named and shown`(
    stages: String, place: String, line: String, caret: String
  ) async throws {
    let number = place.prefix(1)
    try await expectMessage(
      """
      m.yaml:\(place): not YAML: a tab, shown as →, where the indentation must be spaces
        \(number) | \(line)
          | \(caret)
        what to do: replace the tabs at the beginning of lines by spaces
      """,
      for: "name: m\nstages:\n" + stages)
  }

  @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32])
  func `another Unicode encoding is named`(encoding: String.Encoding) throws {
    let bytes = try #require(Self.good.data(using: encoding))
    let error = #expect(throws: UserError.self) { try Manifest(bytes: bytes, path: "m.yaml") }
    #expect(error?.problem == "text in UTF-16 or UTF-32")
    #expect(error?.hint?.contains("iconv") == true)
  }

  @Test func `bytes that are not UTF-8 are shown in their line, other files are rejected`() throws {
    let latin1 = try #require(
      Self.good.replacing("text: x", with: "text: schön").data(using: .isoLatin1))
    let error = #expect(throws: UserError.self) { try Manifest(bytes: latin1, path: "m.yaml") }
    #expect(
      "\(try #require(error))" == """
        m.yaml:3:38: a byte that is not UTF-8
          3 |   a: { run: ingest, with: { text: sch\u{FFFD}n } }
            |                                      ^
          what to do: save the file as UTF-8; if it is Latin-1: iconv -f latin1 -t UTF-8 OLD >NEW
        """)
    let binary = #expect(throws: UserError.self) {
      try Manifest(bytes: Data([0x50, 0x4B, 3, 4, 0, 0xFF]), path: "m.yaml")
    }
    #expect(binary?.problem == "not a manifest (6 bytes)")
  }

  /// Options of the stage, and the advice.
  private static let quotes = [
    ("{ text: bad=0,good=1, number: 1 }", #"quote a value with commas: text: "bad=0,good=1"; "#),
    ("{ number: 0,25 }", "numbers have none, such as 0.25 and 8000"),
    (
      "{ text: bad,good }",
      #"give it one, or, if it belongs to the value before the comma, quote that: text: "bad,good""#
    ),
    ("{ text: null }", "the text “null” needs quotes"),
    ("\n      text: #1", "a value that begins with # needs quotes"),
    ("\n      text: &b", "a value that begins with & needs quotes"),
    ("\n      text: !a b", "quote a value that begins with !"),
    ("{ text: *.csv }", "quote a value that begins with *"),
    ("{ text: @x }", "quote a value that begins with @"),
    ("\n      text: %x", "quote a value that begins with %"),
    ("\n      text: | x", "quote a value that begins with |"),
    ("\n      text: - x", "quote a value that begins with -"),
    ("\n      text: a: b", "quote a value that contains “: ”, and write each key on a line"),
    ("{ text: a: b }", "quote a value that contains “: ”, and write each key on a line"),
    ("{ text: a #b }", "quote a value that contains “ #”, which begins a comment"),
    ("{ text: {data}/x }", #"quote a value that begins with a brace: "{data}/x""#),
    ("{ text: {data} }", #"for a setting write it in quotes: "{data}""#),
    ("\n      text: 'it's'", "quote the whole value; between single quotes, '' means '"),
    ("\n      text: 'its", "close the quotes that begin here"),
    ("{text:a}", "write a space after the colon"),
    ("\n      text:a", "write : and a space after each key"),
    ("\n      text：a", "write : and a space after each key"),
    ("[text: a]", "write NAME: VALUE for each option"),
    ("{ text: \"C:\\data\" }", "between double quotes write \\\\ for \\, or use single quotes"),
    ("\n    \u{A0} text: a", "6:5: not YAML: the character U+00A0 instead of a space"),
    ("\n      text:\u{3000}a", "the character U+3000 instead of a space"),
    ("\n      text:a\n      number: 1", "write a space after the colon in line 5"),
    ("", "write NAME: VALUE for each option, or leave the key out"),
    ("\n      <<: *x", "define it before, with &, or quote a value that begins with *"),
    ("{ <<: x }", "name a mapping that has an anchor: <<: *name"),
    ("&w { text: x }\n    <<: *w", "it comes from a merge key <<"),
    ("&w { text: x }\n    <<: *w\n    <<: *w", "merge several with a list: <<: [*one, *two]"),
    ("{ text: x }\n---\nname: n", "a manifest is one document: remove the line, or make two files"),
  ]

  @Test(arguments: quotes)
  func `the advice fits the mistake`(options: String, advice: String) async throws {
    let message = await (try TestProject()).message(
      "name: m\nstages:\n  a:\n    run: ingest\n    with: \(options)"
    )
    .replacing("in line 6", with: "in line 5")
    #expect(message.contains(advice), "\(message)")
  }

  @Test func `values stay as they are written`() async throws {
    let lines = try await TestProject().lines(
      manifest(
        stage: "a: { run: ingest, with: { list: [no, 010, 1e3, 2024-01-01, 1:30, True, 0x1F] } }"))
    #expect(
      lines == [
        "ingest --list no --list 010 --list 1e3 --list 2024-01-01 --list 1:30 --list True "
          + "--list 0x1F --output runs/m/a"
      ])
  }

  @Test func `the rest of a value that became a comment is reported`() async throws {
    let plan = try await TestProject().plan(
      """
      name: m
      settings:
        data: d #1
      stages:
        a:
          run: ingest
          with:
            text: C #sharp
            number: 1 #one
            list: [x] # a comment
            model: "y" #z
      """)
    #expect(
      plan.warnings == [
        "m.yaml:3:9: “#1” is a comment and no part of the value “d”; quote a value that contains “ #”, or write “# ”",
        "m.yaml:8:13: “#sharp” is a comment and no part of the value “C”; quote a value that contains “ #”, or write “# ”",
      ])
  }

  @Test func `merge keys that multiply end with an error`() async throws {
    let bomb = (1...12).map { level in
      let nine = [String](repeating: "*a\(level - 1)", count: 9).listed
      return "  a\(level): &a\(level) { <<: [\(nine)] }\n"
    }
    let chain = (1...300).map { "  a\($0): &a\($0) { <<: *a\($0 - 1) }\n" }
    for levels in [bomb, chain] {
      let message = await (try TestProject()).message(
        "name: m\nstages:\n  a0: &a0 { run: ingest }\n" + levels.joined())
      #expect(message.contains("too many merged keys"))
    }
  }
}
