import Foundation
import Support
import Testing

struct ForeignFormatTests {
  private func format(_ head: [UInt8]) -> ForeignFormat? {
    head.withUnsafeBytes { ForeignFormat(head: $0) }
  }

  private func name(_ text: String, _ rest: [UInt8] = [0, 1, 2]) -> String? {
    format(Array(text.utf8) + rest)?.name
  }

  /// The headers of members of a zip.
  private func zip(_ members: [(name: String, content: String)]) -> [UInt8] {
    members.flatMap { member -> [UInt8] in
      let (name, content) = (Array(member.name.utf8), Array(member.content.utf8))
      return [0x50, 0x4B, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        + [UInt8(content.count), 0, 0, 0, UInt8(content.count), 0, 0, 0]
        + [UInt8(name.count), 0, 0, 0] + name + content
    }
  }

  @Test func `tables of other programs are named, with a way to convert them`() {
    #expect(name("PAR1\u{15}\u{4}") == "a Parquet file")
    #expect(name("ARROW1\0\0") == "an Arrow or Feather file")
    #expect(name("FEA1") == "a Feather file")
    #expect(name("SQLite format 3\0") == "an SQLite database")
    #expect(name("RDX3\nX\n") == "an R object")
    #expect(format([0x80, 4, 0x95, 0x10, 0, 0, 0])?.name == "a Python pickle")
    #expect(format([0x93] + Array("NUMPY\u{1}\0".utf8))?.name == "a NumPy array")
    #expect(
      format([0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0])?.hint == """
        convert it to CSV with Python: import pandas; \
        pandas.read_hdf("FILE").to_csv("data.csv", index=False)
        """)
    let stream: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x78, 1, 0, 0, 0x10, 0, 0, 0]
    #expect(format(stream)?.hint.contains("load_from_disk") == true)
    for head in [stream, [0x80, 4, 0x95, 0], Array("PAR1\0".utf8)] {
      #expect(format(head)?.kind == .data)
    }
  }

  @Test func `workbooks and documents are not taken for archives`() {
    let sheets = [
      zip([("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "")]),
      zip([("docProps/app.xml", ""), ("xl/worksheets/sheet1.xml", "")]),
      zip([("xl/sharedStrings.xml", "")]),
    ]
    for sheet in sheets { #expect(format(sheet)?.name == "a workbook of a spreadsheet") }
    let openSpreadsheet = zip([("mimetype", "application/vnd.oasis.opendocument.spreadsheet")])
    #expect(format(openSpreadsheet)?.name == "an OpenDocument spreadsheet")
    #expect(
      format(zip([("_rels/.rels", ""), ("word/document.xml", "")]))?.name == "a Word document")
    #expect(format(zip([("arr_0.npy", "")]))?.name == "a NumPy archive (.npz)")
    #expect(format(zip([("archive/data.pkl", "")]))?.name == "a PyTorch file")
    #expect(format([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0])?.kind == .data)
    // A workbook inside an archive is one of its members.
    let inner = zip([("xl/workbook.xml", "x")])
    let outer = zip([("sheet.xlsx", String(decoding: inner, as: UTF8.self)), ("a.csv", "")])
    #expect(format(outer)?.kind == .packing)
  }

  @Test func `packings, pointers, vectors and images are named`() {
    #expect(format([0x1F, 0x8B, 8, 0, 0])?.kind == .packing)
    #expect(format([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0])?.name == "a 7-Zip file")
    #expect(name("Rar!\u{1A}\u{7}") == "a RAR file")
    #expect(name("%PDF-1.4\n", []) == "a PDF document")
    #expect(
      name("version https://git-lfs.github.com/spec/v1\noid", [])
        == "a Git LFS pointer instead of the file")
    #expect(format(Array("/annex/objects/MD5-s1--1".utf8))?.kind == .pointer)
    #expect(format([0xBA, 0x16, 0x4F, 0x2F, 12, 0, 0, 0])?.name == "a fastText model (.bin)")
    #expect(name("2 3\nthe ", [0, 0, 0x80, 0x3F, 1, 2, 3]) == "binary word2vec vectors")
    #expect(format([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])?.name == "an image")
    #expect(
      format([8, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\":1}".utf8))?.name == "a safetensors file")
  }

  @Test func `text in any encoding is no foreign format, whatever it begins with`() {
    for text in [
      "", "text,label\n", "PAR1,label\n", "BZh,GIF8,Rar!\n", "2 3\nthe 1 2 3\n", "Обзор\n",
      "{\"a\":1}",
      "mixed\u{0}controls in a long line of text, of which this is the only one of its kind\n",
    ] {
      #expect(format(Array(text.utf8)) == nil, "\(text)")
      for encoding in [
        String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf16,
      ] {
        #expect(format(Array(text.data(using: encoding) ?? Data())) == nil, "\(text) \(encoding)")
      }
    }
    #expect(format(Array("text,label\n".utf8) + [0xE9, 0xE8, 0x20, 0x0A]) == nil)
  }

  @Test func `bytes that can be no text are told`() {
    var state: UInt32 = 1
    let noise = (0..<16000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    #expect(format([1] + noise)?.name == "binary data")
  }
}
