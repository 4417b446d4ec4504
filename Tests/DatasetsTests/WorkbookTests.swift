import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Workbooks as Excel, LibreOffice and Python's libraries write them.
struct WorkbookTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private static let relationships =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  private static let namespace =
    #"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#

  /// Writes a workbook with sheets of these rows.
  private func workbook(
    _ name: String, _ sheets: [(name: String, rows: String)], strings: [String] = [],
    styles: String = "", packing: TemporaryDirectory.Packing = .zip
  ) throws -> String {
    let numbers = sheets.indices.map { $0 + 1 }
    var members = [
      ("[Content_Types].xml", "<Types/>"),
      (
        "xl/workbook.xml",
        "<workbook \(Self.namespace) xmlns:r=\"\(Self.relationships)\"><sheets>"
          + zip(numbers, sheets).map {
            "<sheet name=\"\($1.name)\" sheetId=\"\($0)\" r:id=\"rId\($0)\"/>"
          }.joined() + "</sheets></workbook>"
      ),
      (
        "xl/_rels/workbook.xml.rels",
        "<Relationships>"
          + numbers.map {
            "<Relationship Id=\"rId\($0)\" Type=\"\(Self.relationships)/worksheet\" "
              + "Target=\"worksheets/sheet\($0).xml\"/>"
          }.joined() + "</Relationships>"
      ),
    ]
    for (number, sheet) in zip(numbers, sheets) {
      members.append(
        (
          "xl/worksheets/sheet\(number).xml",
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<worksheet \(Self.namespace)><sheetData>"
            + sheet.rows + "</sheetData></worksheet>"
        ))
    }
    if !strings.isEmpty {
      members.append(
        (
          "xl/sharedStrings.xml",
          "<sst \(Self.namespace)>\(strings.map { "<si>\($0)</si>" }.joined())</sst>"
        ))
    }
    if !styles.isEmpty { members.append(("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>")) }
    return try bench.archive(name, packing, members)
  }

  private func inline(_ text: String) -> String { "<c t=\"inlineStr\"><is><t>\(text)</t></is></c>" }

  /// A sheet of twenty rows with the labels a and b in turn.
  private var sheet: String {
    "<row>\(inline("text"))\(inline("label"))</row>"
      + (0..<20).map { "<row>\(inline("row \($0)"))\(inline($0 % 2 == 0 ? "a" : "b"))</row>" }
      .joined()
  }

  private static let expected = (0..<20).map { "row \($0) = \($0 % 2 == 0 ? "a" : "b")" }.sorted()

  @Test func `a workbook is a table, alone, packed or beside others`() throws {
    let path = try workbook("a.xlsx", [("Data", sheet)])
    let result = try own().read(path: path)
    #expect(rows(result) == Self.expected)
    #expect(result.report.format == "Excel workbook, sheet “Data”")
    for packing in [TemporaryDirectory.Packing.zip, .tarGzip, .sevenZip] {
      let packed = try bench.archive("p", packing, [("d/a.xlsx", try bench.bytes("a.xlsx"))])
      #expect(try own().read(path: packed).contents == result.contents)
    }
    let gzip = try bench.archive("a.xlsx.gz", .gzip, [("x", try bench.bytes("a.xlsx"))])
    #expect(try own { $0.format = .xlsx }.read(path: gzip).contents == result.contents)
  }

  @Test func `cells are texts, numbers and dates as they are shown`() throws {
    let styles = """
      <numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd;@"/>\
      <numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/>\
      <numFmt numFmtId="166" formatCode="[Red]#,##0"/></numFmts>\
      <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>\
      <xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/></cellXfs>
      """
    let strings = [
      "<t>text</t>", "<t xml:space=\"preserve\"> fine &amp; </t>",
      "<r><rPr><b/></rPr><t>good</t></r><r><t xml:space=\"preserve\"> soup</t></r><rPh><t>x</t></rPh>",
      "<t>two_x000D_lines_x005F_</t>",
    ]
    let values = [
      ("<c r=\"A2\" t=\"s\"><v>1</v></c>", "fine &"),
      ("<c r=\"A2\" t=\"s\"><v>2</v></c>", "good soup"),
      ("<c r=\"A2\" t=\"s\"><v>3</v></c>", "two lines_"), ("<c r=\"A2\"><v>3</v></c>", "3"),
      ("<c r=\"A2\" s=\"0\"><v>0.1</v></c>", "0.1"),
      ("<c r=\"A2\" s=\"1\"><v>45322</v></c>", "2024-01-31"),
      ("<c r=\"A2\" s=\"2\"><v>45322.5</v></c>", "2024-01-31T12:00:00"),
      ("<c r=\"A2\" s=\"1\"><v>1</v></c>", "1900-01-01"),
      ("<c r=\"A2\" s=\"1\"><v>61</v></c>", "1900-03-01"),
      ("<c r=\"A2\" s=\"5\"><v>0.25</v></c>", "06:00:00"),
      ("<c r=\"A2\" s=\"3\"><v>2</v></c>", "2"),
      ("<c r=\"A2\" s=\"4\"><v>7</v></c>", "7"),
      ("<c r=\"A2\" t=\"d\"><v>2024-02-03</v></c>", "2024-02-03"),
      ("<c r=\"A2\" t=\"b\"><v>1</v></c>", "TRUE"),
      ("<c r=\"A2\" t=\"str\"><f>A1&amp;B1</f><v>sum</v></c>", "sum"),
      ("<c r=\"A2\" t=\"e\"><v>#N/A</v></c>", "#N/A"), ("<c r=\"A2\" s=\"99\"><v>5</v></c>", "5"),
    ]
    for (cell, text) in values {
      let path = try workbook(
        "v.xlsx",
        [
          (
            "S",
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"inlineStr\"><is><t>label</t></is></c></row>"
              + "<row r=\"2\">\(cell)<c r=\"C2\"><v>1</v></c></row>"
          )
        ], strings: strings, styles: styles)
      var found: [String] = []
      let archive = try Archive(path: path)
      let entry = try #require(try archive.next())
      let reader = try WorkbookReader(
        entry, columns: TableColumns(text: ["text"], label: "label"), options: TextFileOptions())
      try reader.forEachRow { row, location in
        found.append(row.fields.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "|"))
        #expect(location.description == "\(path): sheet “S”: row 2")
      }
      #expect(
        found.map {
          $0.split(separator: "|").map {
            String(decoding: normalizeText(Array($0.utf8)), as: UTF8.self)
          }
        } == [[text, "1"]], "\(cell)")
    }
  }

  @Test func `the only sheet with the columns is read, or the one that is named`() throws {
    let notes = "<row>\(inline("a note"))</row>"
    let path = try workbook(
      "a.xlsx", [("Notes", notes), ("Empty", ""), ("Data &amp; more", sheet)])
    let result = try own().read(path: path)
    #expect(
      rows(result) == Self.expected && result.report.format?.hasSuffix("“Data & more”") == true)

    let two = try workbook(
      "b.xlsx", [("One", sheet), ("Two", sheet.replacing("row ", with: "line "))])
    let error = try userError { _ = try own().read(path: two) }
    #expect(error.problem == "2 sheets with the columns “text”, “label”: “One”, “Two”")
    #expect(error.hint == "name it with --sheet")
    #expect(rows(try own { $0.sheet = "Two" }.read(path: two)).contains("line 1 = b"))
    #expect(
      try userError { _ = try own { $0.sheet = "Three" }.read(path: two) }.problem
        == "no sheet “Three” among “One”, “Two”")
    let none = try workbook("c.xlsx", [("Notes", notes), ("More", notes)])
    let missing = try userError { _ = try own().read(path: none) }
    #expect(
      missing.problem == "the columns “a note”"
        && missing.hint?.contains("other sheets: “More”") == true)
    let delimited = try userError { _ = try own { $0.delimiter = ";" }.read(path: path) }
    #expect(delimited.location == "--delimiter" && delimited.problem.hasSuffix("has no table"))
    let noted = sheet.replacing(
      "<row>" + inline("text"), with: "<row>" + inline("a note") + "</row><row>" + inline("text"))
    let skipping = try workbook("d.xlsx", [("Data", noted)])
    #expect(rows(try own { $0.skipLines = 1 }.read(path: skipping)) == Self.expected)
    let csv = try bench.file("a.csv", "text,label\na,b\n")
    #expect(
      try userError { _ = try own { $0.sheet = "One" }.read(path: csv) }.location == "--sheet")
  }

  @Test func `damaged and hostile workbooks are refused`() throws {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
    for (member, content, problem) in [
      ("xl/workbook.bin", "x", "a workbook without xl/workbook.xml"),
      ("xl/workbook.xml", "<workbook>", "broken XML in line 1"),
      ("xl/workbook.xml", bomb + "<workbook>&b;</workbook>", "a definition of entities"),
      ("xl/workbook.xml", "<workbook/>", "a workbook without a visible sheet that has cells"),
    ] {
      let path = try bench.archive("x.xlsx", .zip, [(member, content)])
      #expect(try userError { _ = try own().read(path: path) }.problem == problem)
    }
    let whole = try workbook("a.xlsx", [("Data", sheet)])
    let bytes = try bench.bytes("a.xlsx")
    for size in stride(from: 100, to: bytes.count, by: 97) {
      let cut = try bench.file("cut.xlsx", bytes[..<size])
      #expect(
        try userError { _ = try own().read(path: cut) }.exitStatus == .data, "\(whole) at \(size)")
    }
  }
}
