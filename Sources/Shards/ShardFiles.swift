import Foundation
import Safetensors
import Support

/// The files of one split: `train.safetensors` or, for a large split, numbered parts such as
/// `train-00001-of-00003.safetensors`, each a complete shard, whose rows are concatenated.
public enum ShardFiles {
  /// The target size of a part of text, in bytes.
  public static let size = 64 << 20

  /// The name of a part, counted from 1, of `count`.
  public static func name(_ split: Split, _ part: Int = 1, of count: Int = 1) -> String {
    guard count > 1 else { return "\(split.rawValue).safetensors" }
    return "\(split.rawValue)-\(digits(part))-of-\(digits(count)).safetensors"
  }

  /// The paths of the files of a split in row order; empty if the folder has none.
  /// - Throws: ``UserError`` with exit status `data` if a part is missing.
  public static func paths(of split: Split, in folder: String) throws -> [String] {
    let names = OutputListing.names(in: folder)
    if names.contains(name(split)) { return ["\(folder)/\(name(split))"] }
    let counts = Set(names.compactMap { partCount(of: split, inName: $0) })
    guard let count = counts.first else { return [] }
    guard counts.count == 1 else {
      throw UserError(
        .data, at: folder,
        problem: "the split “\(split.rawValue)” in \(counts.min() ?? 0) parts and in others",
        expected: "the parts of one division", hint: "make the folder again")
    }
    let parts = (1...count).map { name(split, $0, of: count) }
    if let missing = parts.first(where: { !names.contains($0) }) {
      throw UserError(
        .data, at: folder, problem: "no \(missing)", expected: "all \(count) parts of the split",
        hint: "make the folder again")
    }
    return parts.map { "\(folder)/\($0)" }
  }

  /// The number of parts that the name of a part states; nil for any other name.
  private static func partCount(of split: Split, inName file: String) -> Int? {
    let fields = file.split(separator: "-", omittingEmptySubsequences: false)
    guard fields.count == 4, fields[0] == split.rawValue, fields[2] == "of",
      let part = Int(fields[1]), let count = Int(fields[3].prefix { $0.isNumber }),
      count > 1, count < 100_000, (1...count).contains(part), file == name(split, part, of: count)
    else { return nil }
    return count
  }

  private static func digits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// Writes the parts of splits whose final number is not known in advance.
public final class ShardFileWriter {
  private let output: AtomicDirectory
  private var counts: [Split: Int] = [:]

  /// A writer of parts in `output`.
  public init(in output: AtomicDirectory) { self.output = output }

  /// Writes a part of a split; parts are numbered from 1 without gaps.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(_ document: SafetensorsDocument, of split: Split, _ part: Int) throws {
    counts[split] = part
    // Named as if it were the last one.
    try output.write(document.encoded(), to: ShardFiles.name(split, part, of: part))
  }

  /// Gives all parts their final names.
  /// - Throws: ``UserError`` with exit status `io`.
  public func finish() throws {
    for (split, count) in counts.sorted(by: { $0.key < $1.key }) where count > 1 {
      for part in 1..<count {
        try output.move(
          ShardFiles.name(split, part, of: part), to: ShardFiles.name(split, part, of: count))
      }
    }
  }
}
