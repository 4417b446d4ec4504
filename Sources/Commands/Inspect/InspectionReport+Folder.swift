import Foundation
import Safetensors
import StageKit
import Support
import Tokenization

extension InspectionReport {
  /// Describes the output of a stage, or any folder that contains files of stages.
  /// - Throws: ``UserError`` with exit status `noInput` if there are none, or `data`.
  mutating func describeFolder(rows: Int?) throws {
    let names = try files(in: path, depth: 3)
    let listing = OutputListing(of: path)
    let outputs = listing.map { $0.files.map(\.path) + [OutputListing.stampName] } ?? names
    if let stamp = Stamp(of: path) {
      describe(stamp)
    } else {
      guard names.contains(where: { $0.hasSuffix(".safetensors") }) else {
        throw UserError(
          .noInput, at: path, problem: "a folder without stamp.json and safetensors files",
          expected: "the output of a stage", hint: "name a folder or file that a stage wrote")
      }
      kind = "a folder that no stage finished, with files of stages"
    }
    add(
      "files", header: ["file", "bytes", "what it is"],
      rows: names.map { name in
        let file = "\(path)/\(name)"
        let description =
          !outputs.contains(name)
          ? "not written by the stage"
          : name.hasSuffix(".safetensors") ? shortDescription(file) : ""
        return [.text(name), .integer(fileSize(file)), .text(description)]
      })
    if let rows { try addRows(rows, of: outputs) }
  }

  private mutating func describe(_ stamp: Stamp) {
    let fingerprint = stamp.fingerprint
    kind = "an output of the stage \(fingerprint.stage)"
    let problems = stamp.problems(at: path)
    add(
      "facts",
      fields: [
        ("stage", .text(fingerprint.stage)), ("stage version", .text("\(fingerprint.version)")),
        ("made", .text(stamp.started.formatted(.iso8601))),
        ("in", .text(NumberFormat.duration(stamp.seconds))),
        ("peak memory", .text(NumberFormat.bytes(stamp.peakBytes))),
        ("whole", .text(problems.isEmpty ? "yes" : "no: " + problems.joined(separator: "; "))),
      ])
    for (key, header, entries) in [
      ("settings", ["option", "value"], fingerprint.options),
      ("libraries", ["library", "value"], fingerprint.libraries),
      ("inputs", ["input", "sha256"], fingerprint.inputs),
    ] {
      add(
        key, title: key, header: header,
        rows: entries.map { [.text($0.name), .text($0.value ?? "(default)")] })
    }
  }

  /// Adds rows of the first file that has any.
  private mutating func addRows(_ count: Int, of names: [String]) throws {
    for name in names where name.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path: "\(path)/\(name)")
      let section = try InspectionReport(of: file, rows: count).sections.first { $0.key == "rows" }
      guard case .table(let header, let rows) = section?.content else { continue }
      return add("rows", title: "rows of \(name)", header: header, rows: rows)
    }
  }

  /// The paths of the visible files in a folder, relative to it, sorted by their bytes.
  private func files(in folder: String, depth: Int) throws -> [String] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw UserError(.noInput, at: folder, problem: "cannot be read: \(systemMessage(error))")
    }
    let nested = try names.filter { !isHiddenOrSystemFile($0) }.flatMap { name -> [String] in
      guard isDirectory("\(folder)/\(name)") == true else { return [name] }
      return depth > 0
        ? try files(in: "\(folder)/\(name)", depth: depth - 1).map { "\(name)/\($0)" } : []
    }
    return nested.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

private func fileSize(_ path: String) -> Int {
  let attributes = try? FileManager.default.attributesOfItem(atPath: path)
  return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}

/// One line about a safetensors file, from its header alone.
private func shortDescription(_ path: String) -> String {
  guard let file = try? SafetensorsFile(path: path) else { return "" }
  func size(_ tensor: String) -> Int { file.header.tensors[tensor]?.shape.first ?? 0 }
  let metadata = file.metadata
  return switch metadata["format"] {
  case "examples", "tokens":
    "\(metadata["format"] ?? "") of \(metadata["task"] ?? ""), \(metadata["split"] ?? ""): "
      + NumberFormat.count(size("label"), "row")
  case "vocabulary": "vocabulary of \(size("count")) words"
  case "embedding": "vectors \(file.header.tensors["embedding.weight"]?.shape ?? [])"
  case "model": "model, \(metadata["kind"] ?? "network")"
  default: "\(file.names.count) tensors"
  }
}

// MARK: Nearest neighbors

extension InspectionReport {
  /// Adds the ten words whose vectors are most similar to that of `word`.
  /// - Throws: ``UserError`` with exit status `usage` if there are no vectors or no such word, or
  ///   `data`.
  mutating func addNearestNeighbors(of word: String) throws {
    let (vocabulary, embedding) = try wordVectors()
    guard let id = vocabulary.index(of: word) else {
      throw UserError(
        .usage, at: "--near \(word)", problem: "no such word among \(vocabulary.count)",
        expected: "a word of the vocabulary, such as “\(vocabulary.word(1) ?? "<unk>")”",
        hint: "all words are in the vocabulary.tsv of the stage vocab")
    }
    add(
      "near", title: "nearest to \(vocabulary.word(id) ?? word)",
      header: ["cosine", "word", "count"],
      rows: embedding.nearestNeighbors(of: id, count: 10).map { id, cosine in
        [
          .number(cosine, decimals: 4), .text(vocabulary.word(id) ?? ""),
          .integer(Int(vocabulary.counts[id])),
        ]
      })
  }

  /// The words and vectors of a model, of an output of `vocab`, or of either of its two files.
  private func wordVectors() throws -> (Vocabulary, Embedding) {
    let isFolder = isDirectory(path) == true
    let folder = isFolder ? path : path.parentPath
    for name in isFolder ? ["\(path)/model.safetensors", "\(path)/\(Embedding.fileName)"] : [path] {
      guard let file = try? SafetensorsFile(path: name) else { continue }
      let format = file.metadata["format"]
      guard format == "vocabulary" || file.header.tensors["embedding.weight"] != nil else {
        continue
      }
      let vocabulary =
        try format == "embedding"
        ? Vocabulary(path: folder.appending(Vocabulary.fileName)) : Vocabulary(file)
      let embedding =
        try format == "vocabulary"
        ? Embedding(path: folder.appending(Embedding.fileName), count: vocabulary.count)
        : Embedding(file, count: vocabulary.count)
      return (vocabulary, embedding)
    }
    throw UserError(
      .usage, at: "--near", problem: "\(path), which holds no vectors",
      expected: "a network, or the output of vocab")
  }
}

extension Vocabulary {
  /// The id of a word as it is written, or of the only token that the tokenizer makes of it.
  fileprivate func index(of word: String) -> Int? {
    let tokens = tokenizer.tokens(of: word)
    for candidate in [word] + (tokens.count == 1 ? tokens : []) {
      let id = Int(id(of: candidate.utf8))
      if id > 0 || candidate.utf8.elementsEqual(Self.unknown) { return id }
    }
    return nil
  }
}
