import Tokenization
import VocabularyBuilding
import Safetensors
import Support

extension InspectionReport {
  /// The ten words nearest to `word`, in the vectors of this file or folder.
  /// - Throws: ``UserError`` of kind `usage` if there are no vectors or no such word, or `data`.
  mutating func addNeighbours(of word: String) throws {
    let (vectors, words) = try vectorsAndWords()
    guard let number = words.number(of: word), number < vectors.count else {
      throw UserError(
        .usage, at: "--near \(word)", problem: "no such word among \(words.count)",
        expected: "a word of the vocabulary, such as “\(words[words.count > 1 ? 1 : 0] ?? "")”",
        hint: "all words are in the vocabulary.tsv of the stage vocab")
    }
    add(
      "near", "nearest to \(words[number] ?? word)", head: ["cosine", "word", "count"],
      rows: vectors.neighbours(of: number, count: 10).map { row, cosine in
        [
          .number(cosine, 4), .text(words[row] ?? "\(row)"),
          .integer(Int(row < words.count ? words.counts[row] : 0)),
        ]
      })
  }

  private func vectorsAndWords() throws -> (Vectors, Words) {
    let folder = isDirectory(path) == true ? path : path.parentPath
    for name in isDirectory(path) == true ? ["model.safetensors", Embedding.fileName] : [""] {
      let place = name.isEmpty ? path : "\(path)/\(name)"
      guard let file = try? SafetensorsFile(path: place) else { continue }
      if file.metadata["format"] == "vocabulary" {
        let name = Embedding.fileName
        return (
          try Vectors(try SafetensorsFile(path: folder.isEmpty ? name : "\(folder)/\(name)")),
          try Words(file, metadata: file.metadata)
        )
      }
      guard file.header.tensors["embedding.weight"] != nil else { continue }
      let vectors = try Vectors(file)
      guard file.metadata["format"] == "model" else {
        return (vectors, try Words(vocabularyIn: folder))
      }
      return (
        vectors,
        try Words(file, prefix: "vocabulary.", metadata: try tokenizerMetadata(of: file))
      )
    }
    throw UserError(
      .usage, at: "--near", problem: "\(path), which holds no vectors",
      expected: "a network, or the output of vocab")
  }
}
