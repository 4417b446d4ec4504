import Foundation
import Support

/// A format of Python programs in which word vectors are offered. The advice of ``ForeignFormat`` for it
/// is meant for tables.
enum BinaryVectors: String {
  case gensim = "vectors saved by gensim"
  case pickle = "a Python pickle"
  case numpy = "a NumPy array, which has no words"
  case magnitude = "an SQLite database, as Magnitude's vectors are"
  case hdf5 = "an HDF5 file"

  /// Recognises a format by the first bytes of a file.
  init?(head: [UInt8]) {
    let signatures: [([UInt8], BinaryVectors)] = [
      ([0x93] + Array("NUMPY".utf8), .numpy), (Array("SQLite format 3\0".utf8), .magnitude),
      ([0x89] + Array("HDF\r\n".utf8), .hdf5),
    ]
    if let known = signatures.first(where: { head.starts(with: $0.0) }) {
      self = known.1
    } else if head.count > 1, head[0] == 0x80, 2...5 ~= head[1] {
      self = String(decoding: head, as: UTF8.self).contains("gensim") ? .gensim : .pickle
    } else {
      return nil
    }
  }

  /// Rejects a file on disk that has such a format.
  /// - Throws: ``UserError`` with exit status `data`.
  static func reject(_ path: String, dimension: Int) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let head = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 4096)
    else { return }
    try reject(Array(head), at: path, dimension: dimension)
  }

  /// Rejects a file that begins with `head` and has such a format.
  /// - Throws: ``UserError`` with exit status `data`.
  static func reject(_ head: [UInt8], at location: String, dimension: Int) throws {
    guard let format = BinaryVectors(head: head) else { return }
    throw UserError(
      .data, at: location, problem: format.rawValue,
      expected: "text: lines of a word and \(dimension) numbers, separated by single spaces",
      hint: format.hint)
  }

  private var hint: String {
    switch self {
    case .gensim:
      "convert it with gensim: KeyedVectors.load(\"FILE\")"
        + ".save_word2vec_format(\"vectors.txt\"); for a whole model, "
        + "Word2Vec.load(\"FILE\").wv.save_word2vec_format(\"vectors.txt\")"
    case .magnitude:
      "take the text file that it was made from, or write one line for each word and vector that "
        + "pymagnitude's Magnitude(\"FILE\") yields"
    case .pickle, .numpy, .hdf5:
      "load it with the Python program that made it, and write one line for each word: the word, "
        + "then its numbers"
    }
  }
}
