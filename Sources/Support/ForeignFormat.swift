/// A file format that is no text, recognised by the first bytes of a file, and the way to convert it.
public struct ForeignFormat: Equatable, Sendable {
  /// The format as a phrase, such as `a Parquet file`.
  public let name: String
  /// The way to convert it.
  public let hint: String
  /// The content of the format.
  public let kind: Kind

  /// The content of a format.
  public enum Kind: Sendable {
    /// Nothing: it refers to a file that must be fetched.
    case pointer
    /// Files, which `ingest`, `vocab` and `predict` read.
    case packing
    /// Sheets, which `ingest` and `predict` read.
    case workbook
    /// Rows or files, which could be read once they are converted.
    case data
    /// Anything else.
    case other
  }

  /// Recognises a format by the first bytes of a file: a few KiB, or all of a shorter file. Nil for
  /// text in any encoding.
  public init?(head: UnsafeRawBufferPointer) {
    let named = (Self.pointers + Self.textSignatures).first { $0.matches(head) }
    if let format = named?.format {
      self = format
      return
    }
    // No text begins with the other signatures and has control characters.
    guard head.contains(where: { $0 < 0x20 && !(0x09...0x0D ~= $0) && $0 != 0x1B }) else {
      return nil
    }
    let found = Self.signatures.first { $0.matches(head) }?.format
    if let format = found ?? Self.zippedFormat(head) {
      self = format
    } else if Self.isBinaryWord2vec(head) {
      self = .word2vec
    } else if Self.isBinary(head) {
      self = .binary
    } else {
      return nil
    }
  }

  private init(_ name: String, _ hint: String, _ kind: Kind = .other) {
    (self.name, self.hint, self.kind) = (name, hint, kind)
  }

  /// Whether a file refers to another one that must be fetched.
  public static func isPointer(_ head: UnsafeRawBufferPointer) -> Bool {
    pointers.contains { $0.matches(head) }
  }

  /// An unknown format that can be no text.
  public static let binary = ForeignFormat("binary data", nameText)

  // MARK: Formats

  private static let nameText = "name a file of text"

  /// A table that pandas reads.
  private static func table(_ name: String, _ function: String) -> ForeignFormat {
    ForeignFormat(
      name,
      "convert it to CSV with Python: import pandas; "
        + "pandas.\(function)(\"FILE\").to_csv(\"data.csv\", index=False)", .data)
  }

  private static func packing(_ name: String) -> ForeignFormat {
    ForeignFormat(
      name, "pack the files as zip or tar.gz, or unpack them and name the folder", .data)
  }

  private static func packed(_ name: String) -> ForeignFormat {
    ForeignFormat(name, "unpack it, and name the files in it", .packing)
  }

  private static func document(_ name: String) -> ForeignFormat {
    ForeignFormat(name, "save its text as a plain text file (UTF-8)")
  }

  private static let workbook = ForeignFormat(
    "a workbook of a spreadsheet", "save the sheet as CSV (UTF-8)", .workbook)
  private static let openSpreadsheet = ForeignFormat(
    "an OpenDocument spreadsheet", "save the sheet as .xlsx or as CSV (UTF-8)", .data)
  private static let image = ForeignFormat("an image", nameText)
  private static let rObject = ForeignFormat(
    "an R object", "convert it to CSV in R: write.csv(readRDS(\"FILE\"), \"data.csv\")", .data)
  private static let word2vec = ForeignFormat(
    "binary word2vec vectors",
    "convert them to text with Python: from gensim.models import KeyedVectors; "
      + "KeyedVectors.load_word2vec_format(\"FILE\", binary=True)"
      + ".save_word2vec_format(\"vectors.txt\")")

  // MARK: Signatures

  /// The first bytes of a format; nil matches any byte.
  private struct Signature {
    let bytes: [UInt8?]
    let format: ForeignFormat

    init(_ bytes: [UInt8?], _ format: ForeignFormat) {
      (self.bytes, self.format) = (bytes, format)
    }

    init(_ text: String, _ format: ForeignFormat) { self.init(Array(text.utf8), format) }

    func matches(_ head: UnsafeRawBufferPointer) -> Bool {
      bytes.count <= head.count && zip(bytes, head).allSatisfy { $0 == nil || $0 == $1 }
    }
  }

  private static let pointers = [
    Signature(
      "version https://git-lfs.github.com/spec/",
      ForeignFormat(
        "a Git LFS pointer instead of the file",
        "run “git lfs pull” where it was cloned, or download the file itself", .pointer)),
    Signature(
      "/annex/objects/",
      ForeignFormat(
        "a git-annex pointer instead of the file", "fetch it with “git annex get”", .pointer)),
  ]

  private static let textSignatures = [
    Signature(
      "outs:\n- md5: ",
      ForeignFormat(
        "a DVC pointer instead of the file", "run “dvc pull”, and name the file without .dvc")),
    Signature("%PDF-", document("a PDF document")),
    Signature("{\\rtf", document("an RTF document")),
  ]

  private static let signatures = [
    // Tables.
    Signature(
      "PAR1",
      ForeignFormat(
        "a Parquet file",
        "convert it to CSV: duckdb -c \"copy (from 'FILE') to 'data.csv'\", or with Python: "
          + "import pandas; pandas.read_parquet(\"FILE\").to_csv(\"data.csv\", index=False)", .data)
    ),
    Signature("ARROW1", table("an Arrow or Feather file", "read_feather")),
    Signature("FEA1", table("a Feather file", "read_feather")),
    Signature(
      [0xFF, 0xFF, 0xFF, 0xFF, nil, nil, nil, 0, nil, 0, 0, 0],
      ForeignFormat(
        "an Arrow stream, as in a folder saved by Hugging Face datasets",
        "convert each split with Python: import datasets; "
          + "datasets.load_from_disk(\"FOLDER\").to_csv(\"data.csv\")", .data)),
    Signature([0x80, 2], pickle), Signature([0x80, 3], pickle), Signature([0x80, 4], pickle),
    Signature([0x80, 5], pickle),
    Signature("\u{89}HDF\r\n\u{1A}\n".latin1, table("an HDF5 file", "read_hdf")),
    Signature("<stata_dta>", table("a Stata file", "read_stata")),
    Signature("$FL2@(#)", table("an SPSS file", "read_spss")),
    Signature(
      "\u{93}NUMPY".latin1,
      ForeignFormat(
        "a NumPy array",
        "convert it to CSV with Python: import numpy, pandas; "
          + "pandas.DataFrame(numpy.load(\"FILE\")).to_csv(\"data.csv\", index=False)", .data)),
    Signature(
      "SQLite format 3\0",
      ForeignFormat(
        "an SQLite database",
        "export the table: sqlite3 -header -csv FILE 'select * from TABLE' >data.csv", .data)),
    Signature("Obj\u{1}", ForeignFormat("an Avro file", "convert it to CSV or JSON lines", .data)),
    Signature("RDX2\n", rObject), Signature("RDX3\n", rObject), Signature("X\n\0\0\0", rObject),
    Signature(
      "\u{D0}\u{CF}\u{11}\u{E0}\u{A1}\u{B1}\u{1A}\u{E1}".latin1,
      ForeignFormat(
        "an old Office file, such as .xls or .doc",
        "save the sheet as CSV (UTF-8), or the text as a plain text file", .data)),
    // Packings that are read.
    Signature([0x1F, 0x8B, 0x08], packed("a gzip file")),
    Signature("BZh", packed("a bzip2 file")),
    Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], packed("an xz file")),
    Signature([0x28, 0xB5, 0x2F, 0xFD], packed("a zstandard file")),
    Signature([0x04, 0x22, 0x4D, 0x18], packed("an LZ4 file")),
    Signature(Array(repeating: nil, count: 257) + Array("ustar".utf8), packed("a tar file")),
    Signature([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], packed("a 7-Zip file")),
    // Other packings.
    Signature("Rar!\u{1A}", packing("a RAR file")),
    Signature("LZIP\u{1}", packing("an lzip file")),
    Signature([0x1F, 0x9D], packing("a compress (.Z) file")),
    Signature("MSCF\0\0\0\0", packing("a cabinet file")),
    Signature([0x50, 0x4B, 0x07, 0x08], packing("a zip split over several files")),
    // Vectors and models.
    Signature(
      [0xBA, 0x16, 0x4F, 0x2F],
      ForeignFormat(
        "a fastText model (.bin)", "take the vectors as text, the .vec file of the same page")),
    Signature(
      [nil, nil, nil, nil, nil, 0, 0, 0, UInt8(ascii: "{"), UInt8(ascii: "\"")],
      ForeignFormat("a safetensors file", "“inspect” shows what it holds; \(nameText)")),
    // Images.
    Signature("\u{89}PNG".latin1, image), Signature([0xFF, 0xD8, 0xFF], image),
    Signature("GIF8", image), Signature([0x49, 0x49, 0x2A, 0x00], image),
    Signature([0x4D, 0x4D, 0x00, 0x2A], image),
    Signature(Array("RIFF".utf8) + [nil, nil, nil, nil] + Array("WEBP".utf8), image),
  ]

  private static let pickle = table("a Python pickle", "read_pickle")

  // MARK: Structure

  /// The format of a zip: what its members are of, or a zip.
  private static func zippedFormat(_ head: UnsafeRawBufferPointer) -> ForeignFormat? {
    guard
      head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06])
    else { return nil }
    for (name, start) in zipMembers(head) {
      let content = head.dropFirst(start)
      if name.hasPrefix("xl/") { return workbook }
      if name.hasPrefix("word/") { return document("a Word document") }
      if name.hasPrefix("ppt/") { return document("a presentation") }
      if name.hasSuffix(".npy") {
        return ForeignFormat(
          "a NumPy archive (.npz)",
          "save its arrays as CSV with Python: numpy.load(\"FILE\")", .data)
      }
      if name.hasSuffix("/data.pkl") { return ForeignFormat("a PyTorch file", nameText) }
      if name == "mimetype" {
        if content.starts(with: "application/vnd.oasis.opendocument.spreadsheet".utf8) {
          return openSpreadsheet
        }
        if content.starts(with: "application/vnd.oasis".utf8) {
          return document("an OpenDocument file")
        }
        if content.starts(with: "application/epub".utf8) { return document("an e-book") }
      }
    }
    return packed("a zip file")
  }

  /// The names of the members of a zip whose headers are in `head`, and where their content begins.
  private static func zipMembers(
    _ head: UnsafeRawBufferPointer
  ) -> [(name: String, content: Int)] {
    func number(at offset: Int) -> Int { Int(head[offset]) | Int(head[offset + 1]) << 8 }
    let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    var members: [(String, Int)] = []
    var header = 0
    while header + 30 <= head.count, head[header...].starts(with: signature) {
      let nameSize = number(at: header + 26)
      let content = header + 30 + nameSize + number(at: header + 28)
      let name = head.dropFirst(header + 30).prefix(nameSize)
      members.append((String(decoding: name, as: UTF8.self), content))
      let size = number(at: header + 18) | number(at: header + 20) << 16
      let isStream = head[header + 6] & 0x08 != 0
      header = content + size
      // In a stream the size follows the content.
      while isStream, size == 0, header + 30 <= head.count,
        !head[header...].starts(with: signature)
      { header += 1 }
    }
    return members
  }

  /// Whether it begins with `words dimension`, and a word with numbers that are no text.
  private static func isBinaryWord2vec(_ head: UnsafeRawBufferPointer) -> Bool {
    let header = head.prefix(40).prefix { $0 != 0x0A }
    let counts = header.split(separator: 0x20, omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) }
    guard counts.count == 2, counts[0] != nil, let dimension = counts[1], 1...100_000 ~= dimension
    else { return false }
    // As text, each number takes two bytes or more.
    let numbers = head.dropFirst(header.count + 1).drop { $0 != 0x20 }.dropFirst()
      .prefix(2 * dimension - 1)
    return numbers.contains { !("0123456789+-.eE \t\r\n".utf8.contains($0)) }
  }

  /// Whether it can be no text in any encoding: in UTF-16 and UTF-32 NULs keep to some positions, and
  /// a few stray ones in text leave it readable.
  private static func isBinary(_ head: UnsafeRawBufferPointer) -> Bool {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]]
    guard !marks.contains(where: head.starts(with:)) else { return false }
    var positions = [0, 0, 0, 0]
    for (index, byte) in head.enumerated() where byte == 0 { positions[index % 4] += 1 }
    let (even, odd) = (positions[0] + positions[2], positions[1] + positions[3])
    // Few characters, such as U+4E00, have theirs at the other positions.
    let isUTF16 = 4 * min(even, odd) <= max(even, odd)
    let isUTF32 = positions.contains(0)
    let controls = head.count { $0 < 0x20 && !(0x09...0x0D ~= $0) }
    return !isUTF16 && !isUTF32 && controls > head.count / 32
      && String(validating: head.dropLast(min(3, head.count / 2)), as: UTF8.self) == nil
  }
}

extension String {
  /// The code points as bytes.
  fileprivate var latin1: [UInt8] { unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}
