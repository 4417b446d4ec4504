import Foundation

@testable import Datasets
@testable import Shards
@testable import Inference
@testable import Tokenization
@testable import Training
@testable import VocabularyBuilding
@testable import DLNC
@testable import Safetensors
@testable import Support
@testable import PipelineKit

/// The readers of untrusted bytes. Each may reject any bytes with a printable message, and must
/// neither trap nor access memory out of bounds.
enum FuzzTarget: String, CaseIterable {
  case archive, formats, tweets, reviews, encodings, dialects, tables, exports, workbooks, objects
  case rows, html, vectors, tokenizers, tensors, models, manifest

  /// Reads the bytes.
  func run(_ bytes: UnsafeRawBufferPointer) {
    allowingRefusals {
      switch self {
      case .archive: try walk(bytes)
      case .formats: format(bytes)
      case .tweets: try lines(of: bytes) { try tweet($0) }
      case .reviews: try reviews(bytes)
      case .encodings: try encodings(bytes)
      case .dialects: try dialects(bytes)
      case .tables: try table(bytes)
      case .exports: try exports(bytes)
      case .workbooks: try workbook(bytes)
      case .objects: lines(of: bytes) { object($0) }
      case .rows: try rows(bytes)
      case .html: html(bytes)
      case .vectors: vectors(bytes)
      case .tokenizers: tokens(bytes)
      case .tensors: try tensors(bytes)
      case .models: try models(bytes)
      case .manifest: try manifest(bytes)
      }
    }
  }

  /// Runs a part that may reject the bytes with printable messages.
  private func allowingRefusals(_ body: () throws -> Void) {
    do { try body() } catch let refusal as UserError {
      check(refusal)
    } catch let diagnostics as Diagnostics {
      diagnostics.errors.forEach(check)
    } catch {
      preconditionFailure("no refusal: \(error)")
    }
  }

  private func check(_ refusal: UserError) {
    let isPrintable = "\(refusal)".unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }
    precondition(isPrintable, "a message that steers the terminal")
  }

  private func walk(_ bytes: UnsafeRawBufferPointer) throws {
    let path = try Scratch.file(bytes)
    let limits = Archive.Limits(growth: 20, freeSize: 1 << 18)
    let archive = try Archive([ArchiveInput(path)], limits: limits)
    while let member = try archive.next() {
      _ = escapingControlCharacters(member.location)
      try member.forEachLine(maxLength: 1000) { _ in }
    }
  }

  /// A format is a property of the first bytes.
  private func format(_ bytes: UnsafeRawBufferPointer) {
    let format = ForeignFormat(head: bytes)
    precondition(format != nil || !ForeignFormat.isPointer(bytes), "a pointer that is text")
    precondition(format?.name.isEmpty != true && format?.hint.isEmpty != true)
  }

  private func lines(
    of bytes: UnsafeRawBufferPointer, _ body: (Line) throws -> Void
  ) rethrows {
    let pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      try body(
        Line(
          bytes: UnsafeRawBufferPointer(rebasing: piece), number: index + 1,
          isEnded: index < pieces.count - 1, isTooLong: false))
    }
  }

  private func tweet(_ line: Line) throws {
    guard let file = EIRegFile(path: "EI-reg-En-anger-train.txt") else { return }
    let row = try EIRegRow(line, of: file, at: "f")
    precondition(row.map { String(validating: $0.text, as: UTF8.self) != nil } ?? true)
  }

  /// Lines of JSON, or one array of them.
  private func reviews(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.first == UInt8(ascii: "[") else { return lines(of: bytes) { review($0) } }
    let archive = try Archive(path: try Scratch.file(bytes))
    while let member = try archive.next() {
      try member.forEachObject(in: .array, maxLength: 1000) { review($0) }
    }
  }

  private func review(_ line: Line) {
    guard let review = try? YelpIngestion.review(line.bytes, YelpIngestion.fieldReader) else {
      return
    }
    precondition(1...5 ~= review.stars && !review.text.isEmpty)
  }

  /// The input of `predict` in each of its formats, which must not depend on the ends of blocks, and texts
  /// without labels.
  private func rows(_ bytes: UnsafeRawBufferPointer) throws {
    let halves = [bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]].map {
      UnsafeRawBufferPointer(rebasing: $0)
    }
    for format in InputFormat.allCases {
      for columns in [[], ["text", "a.0.b"]] {
        let input = PredictionStream.Input(
          format: format, columns: columns, kept: Array(columns.dropFirst()), markup: .none)
        let whole = texts(of: [bytes], input)
        precondition(whole == texts(of: halves, input), "texts that depend on blocks")
      }
    }
    let path = try Scratch.file(bytes)
    for name in ["a.txt", "a.csv", "a.jsonl"] {
      var options = IngestOptions()
      options.table.name = "a"
      let writer = ShardWriter(shardSize: .max, memoryLimit: .max) { shard, _ in
        precondition(shard.split == .unlabelled && shard.count > 0)
      }
      allowingRefusals {
        _ = try options.readUnlabelled(Archive([ArchiveInput(path, name: name)]), into: writer)
      }
    }
  }

  /// The first byte chooses the encoding. Text that is converted is UTF-8 and does not depend on the
  /// ends of blocks.
  private func encodings(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    let names = ["UTF-8", "UTF-16", "UTF-32", "UTF-7", "windows-1252", "shift_jis", "iso-2022-jp"]
    let name = names.indices.contains(Int(first)) ? names[Int(first)] : nil
    let content = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    func text(cut: Int) throws -> Result<[UInt8], UserError> {
      var text: [UInt8] = []
      let decoder = TextDecoder(try name.map { try TextEncoding($0) }, at: "f")
      do {
        for block in [content[..<cut], content[cut...]] {
          try decoder.decode(UnsafeRawBufferPointer(rebasing: block)) { text += $0 }
        }
        try decoder.finish { text += $0 }
        return .success(text)
      } catch let refusal as UserError {
        check(refusal)
        return .failure(refusal)
      }
    }
    let whole = try text(cut: content.count)
    let halves = try text(cut: content.count / 2)
    guard name != nil else { return }
    // UTF-16 and UTF-32 are also detected, which depends on the size of the first block.
    let isPlain = [content, UnsafeRawBufferPointer(rebasing: content.prefix(content.count / 2))]
      .allSatisfy { TextEncoding.detected($0).map { $0 == .utf8 } ?? true }
    precondition(!isPlain || whole == halves, "text that depends on blocks")
    if case .success(let text) = whole {
      precondition(String(validating: text, as: UTF8.self) != nil)
    }
  }

  /// The first bytes choose the options. Whatever they are, a row has the selected fields or an error.
  private func dialects(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count > 2 else { return }
    let delimiters = [",", ";", "tab", "|", "'"]
    let options = try TextFileOptions(
      delimiter: delimiters.indices.contains(Int(bytes[0])) ? delimiters[Int(bytes[0])] : nil,
      quote: bytes[1] & 1 == 0 ? nil : "'", skipLines: Int(bytes[2] & 3))
    let table = UnsafeRawBufferPointer(rebasing: bytes[3...])
    _ = CSVReader.canBegin(with: table, .csv, options)
    for format in [TableFormat.csv, .tsv] {
      for header in [nil, ["label", "text"]] {
        allowingRefusals {
          var reader = try CSVReader(
            table, format, columns: ["text", "label"], header: header, options: options, at: "f",
            hint: "look")
          func take(_ row: Row) { precondition(row.error != nil || row.fields.count == 2) }
          reader.split(table, take)
          reader.finish(take)
        }
      }
    }
  }

  private func texts(
    of blocks: [UnsafeRawBufferPointer], _ input: PredictionStream.Input
  ) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    func take(_ row: Row, at location: RowLocation) {
      precondition(row.fields.count == (row.error == nil ? 1 : 0) || input.format == .text)
      _ = escapingControlCharacters("\(location) \(row.error?.problem ?? "")")
      texts.append(row.fields.first.map { Array($0) } ?? [])
      for value in row.kept {
        switch value {
        case .text(let bytes), .json(let bytes): texts.append(Array(bytes))
        }
      }
    }
    var reader = TextReader(input, name: "f", location: "f", isStream: true) {
      _ = escapingControlCharacters($0)
    }
    allowingRefusals {
      for block in blocks { try reader.split(block, take) }
      try reader.finish(take)
    }
    return texts
  }

  /// The rows of a table must not depend on the ends of blocks.
  private func table(_ bytes: UnsafeRawBufferPointer) throws {
    func rows(_ isQuoting: Bool, blocks: [UnsafeRawBufferPointer]) -> [[[UInt8]]] {
      var rows: [[[UInt8]]] = []
      func take(_ row: Row) {
        precondition(row.error == nil || row.fields.isEmpty)
        rows.append(row.fields.map { Array($0) })
      }
      var splitter = CSVParser(
        delimiter: UInt8(ascii: ","), quote: isQuoting ? UInt8(ascii: "\"") : nil, maxLength: 200)
      for block in blocks { splitter.split(block, take) }
      splitter.finish(take)
      return rows
    }
    let halves = [bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]].map {
      UnsafeRawBufferPointer(rebasing: $0)
    }
    for isQuoting in [true, false] {
      let whole = rows(isQuoting, blocks: [bytes])
      precondition(whole == rows(isQuoting, blocks: halves), "rows that depend on blocks")
    }
    for format in [TableFormat.csv, .tsv] {
      var table = try CSVReader(
        bytes, format, columns: ["text", "label"], at: "f", hint: "look")
      table.split(bytes) { row in precondition(row.error != nil || row.fields.count == 2) }
      table.finish { _ in }
    }
  }

  /// Exports of annotation tools and dataset cards. The rows must not depend on the ends of blocks.
  private func exports(_ bytes: UnsafeRawBufferPointer) throws {
    let halves = [bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]].map {
      UnsafeRawBufferPointer(rebasing: $0)
    }
    for format in [TableFormat.jsonLines, .csv, .prodigy, .labelStudio, .spacy, .doccano] {
      let whole = exportedRows(of: [bytes], format)
      precondition(whole == exportedRows(of: halves, format), "rows that depend on blocks")
    }
    let content = Array(bytes)
    _ = ClassLabels.names(inCard: content, "label")
    _ = ClassLabels.names(inInfos: content, "label")
    _ = AzureProject.recognizes(content)
    _ = try AzureProject(content, folder: "d/", at: "f").missingError([])
  }

  private func exportedRows(
    of blocks: [UnsafeRawBufferPointer], _ format: TableFormat
  ) -> [[[UInt8]]] {
    var rows: [[[UInt8]]] = []
    func take(_ row: Row, at location: RowLocation) {
      precondition(row.fields.count == (row.error == nil ? 3 : 0), "a row without its fields")
      _ = escapingControlCharacters("\(location) \(row.error?.problem ?? "")")
      rows.append(row.fields.map { Array($0) } + (row.labels ?? []))
    }
    for isMultiLabel in [false, true] {
      allowingRefusals {
        var settings = LabelledFileReader.Settings(
          columns: TableColumns(text: ["text"], label: "label", split: "split"),
          named: AnnotationColumns(text: [], label: nil, isMultiLabel: isMultiLabel), header: nil,
          options: TextFileOptions(), recognizesExports: format == .jsonLines || format == .csv)
        settings.columns.isMultiLabel = isMultiLabel
        var reader = try LabelledFileReader(
          format, settings, head: blocks.flatMap { Array($0) }, at: "f", isInput: true)
        for block in blocks { try reader.split(block, take) }
        try reader.finish(take)
      }
    }
    return rows
  }

  /// A workbook whose parts are separated by NULs: the sheet, the shared strings, the styles.
  private func workbook(_ bytes: UnsafeRawBufferPointer) throws {
    let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      .map { Array($0) }
    func part(_ index: Int) -> [UInt8] { parts.indices.contains(index) ? parts[index] : [] }
    let namespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    let workbook = try Workbook(
      parts: [
        "xl/workbook.xml": Array(
          """
          <workbook xmlns:r="\(namespace)"><sheet name="s" r:id="a"/></workbook>
          """.utf8),
        "xl/_rels/workbook.xml.rels": Array(
          "<r><Relationship Id=\"a\" Type=\"\(namespace)/worksheet\" Target=\"s.xml\"/></r>".utf8),
        "xl/s.xml": part(0), "xl/sharedstrings.xml": part(1), "xl/styles.xml": part(2),
      ], at: "f")
    for header in [nil, ["text", "label"]] {
      allowingRefusals {
        let reader = try WorkbookReader(
          workbook, columns: TableColumns(text: ["text"], label: "label"), header: header,
          options: TextFileOptions(), at: "f")
        try reader.forEachRow { row, _ in
          precondition(row.fields.count == (row.error == nil ? 2 : 0))
          precondition(row.fields.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
        }
      }
    }
  }

  private func object(_ line: Line) {
    let reader = JSONFieldReader(["text", "label", "data.text", "a.0.b", "a"])
    let values = try? reader.read(line.bytes)
    precondition(values.map { $0.count == 5 } ?? true)
    if values != nil { _ = JSONFieldReader.paths(in: line.bytes) }
  }

  private func html(_ bytes: UnsafeRawBufferPointer) {
    let text = HTMLText()?(Array(bytes)) ?? []
    precondition(String(validating: text, as: UTF8.self) != nil, "text that is no UTF-8")
    _ = HTMLText.firstMarkup(in: Array(bytes))
  }

  private func vectors(_ bytes: UnsafeRawBufferPointer) {
    if let layout = GloVeFormat(head: Array(bytes)) { precondition(layout.dimension > 0) }
    allowingRefusals { try BinaryVectors.reject(Array(bytes), at: "f", dimension: 2) }
    lines(of: bytes) { vector($0) }
  }

  private func vector(_ line: Line) {
    for dimension in [1, 2, 5] {
      guard let vector = GloVeLine(line.bytes, dimension: dimension) else { continue }
      var row = [Float](repeating: 0, count: dimension)
      let isRead = row.withUnsafeMutableBufferPointer { vector.parse(into: $0) }
      precondition(!isRead || row.allSatisfy(\.isFinite), "a number that is not finite")
    }
  }

  private func tokens(_ bytes: UnsafeRawBufferPointer) {
    let buffer = TokenBuffer()
    for tokenizer in [
      Tokenizer(.ptb), Tokenizer(.twitter),
      Tokenizer(.ptb, punctuation: .apart, splitsHashtags: false, keepsUserNames: true),
    ] {
      tokenizer.tokenize(bytes.bindMemory(to: UInt8.self), into: buffer)
      precondition(buffer.strings.allSatisfy { !$0.isEmpty }, "a token of nothing")
    }
  }

  private func tensors(_ bytes: UnsafeRawBufferPointer) throws {
    let path = try Scratch.file(bytes)
    let file = try SafetensorsFile(path: path)
    for name in file.names {
      _ = try? file.values(name, as: Float.self).count
      _ = try? file.values(name, as: Int64.self).count
      _ = file.header.tensors[name].map { file.firstValues(of: $0, count: 3) }
    }
    for read in [
      {
        let shard = try TextShard(path: path)
        for row in 0..<shard.count { _ = (shard.id(of: row), shard.source(of: row)) }
      },
      {
        let shard = try TokenShard(path: path, vocabularySize: 100)
        for row in 0..<shard.count { _ = (shard.id(of: row), shard.source(of: row)) }
      },
      { _ = try Vocabulary(path: path) },
    ] as [() throws -> Void] {
      allowingRefusals(read)
    }
  }

  /// A model that opens must also predict, for each of its tasks.
  private func models(_ bytes: UnsafeRawBufferPointer) throws {
    let path = try Scratch.file(bytes)
    allowingRefusals { _ = try PretrainedEncoder(path: path).document() }
    let model = try trainedModel(at: path)
    _ = try model.document()
    var options = ExportOptions()
    (options.tasks, options.words, options.ngrams) = (model.knownTasks.suffix(1), 2, 2)
    for small in [model, try model.exported(options)] {
      for weights in WeightType.allCases {
        allowingRefusals { _ = try small.document(weights: weights) }
      }
    }
    for task in model.knownTasks {
      allowingRefusals {
        let predictor = try Predictor(path: path, task: task, threads: 1)
        let texts = ["word1 and <unk> word2, 3 times", ""].map { Array($0.utf8) }
        let prepared = predictor.prepared(texts, [try TextNormalizer(.none)])
        _ = try predictor.probabilities(of: prepared.map(\.tokens))
      }
    }
  }

  private func manifest(_ bytes: UnsafeRawBufferPointer) throws {
    try Manifest(bytes: Data(bytes), path: "m.yaml").errors.forEach(check)
  }
}

/// The file that inputs are written to, for readers that require a path.
private enum Scratch {
  private static let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("fuzz-\(ProcessInfo.processInfo.processIdentifier)").path

  static func file(_ bytes: UnsafeRawBufferPointer) throws -> String {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, write(descriptor, bytes.baseAddress, bytes.count) == bytes.count,
      close(descriptor) == 0
    else { throw UserError(.io, at: path, problem: String(cString: strerror(errno))) }
    return path
  }

  static func remove() { unlink(path) }
}

extension FuzzTarget {
  /// Removes the file that inputs were written to.
  static func tidy() { Scratch.remove() }
}
