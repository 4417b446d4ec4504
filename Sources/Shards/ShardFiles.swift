import Safetensors
import Support
import Foundation

/// The files of one split: `train.safetensors`, or, of a large one, parts that each are a shard by
/// themselves, `train-00001-of-00003.safetensors` and so on, whose rows follow each other.
public enum ShardFiles {
  /// About how many bytes of text, or a quarter as many words, a part holds.
  public static let size = 64 << 20

  /// The name of a part, counted from 1, of `count`.
  public static func name(_ split: String, _ part: Int = 1, of count: Int = 1) -> String {
    guard count > 1 else { return "\(split).safetensors" }
    return "\(split)-\(digits(part))-of-\(digits(count)).safetensors"
  }

  /// The files of a split in the order of their rows; none if the folder does not hold it.
  /// - Throws: ``UserError`` of kind `data` if a part is missing.
  public static func paths(of split: String, in folder: String) throws -> [String] {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    if names.contains(name(split)) { return ["\(folder)/\(name(split))"] }
    let counts = Set(names.compactMap { count(of: split, as: $0) })
    guard let count = counts.first else { return [] }
    guard counts.count == 1 else {
      throw UserError(
        .data, at: folder,
        problem: "the split “\(split)” in \(counts.min() ?? 0) parts and in others",
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

  /// How many parts the split has, if `file` is called as one of them.
  private static func count(of split: String, as file: String) -> Int? {
    let fields = file.split(separator: "-", omittingEmptySubsequences: false)
    guard fields.count == 4, fields[0] == split, fields[2] == "of",
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

/// Writes the parts of splits, of which nobody knows how many there will be.
public final class ShardFileWriter {
  private let output: AtomicDirectory
  private var counts: [String: Int] = [:]

  /// Parts in this output.
  public init(in output: AtomicDirectory) { self.output = output }

  /// Writes a part of a split; the next is numbered one higher.
  /// - Throws: ``UserError`` of kind `io`.
  public func write(_ document: SafetensorsDocument, of split: String, _ part: Int) throws {
    counts[split] = part
    // As if it were the last.
    try output.write(document.encoded(), to: ShardFiles.name(split, part, of: part))
  }

  /// Gives all parts their names, now that they are counted.
  /// - Throws: ``UserError`` of kind `io`.
  public func finish() throws {
    for (split, count) in counts.sorted(by: { $0.key < $1.key }) where count > 1 {
      for part in 1..<count {
        try output.move(
          ShardFiles.name(split, part, of: part), to: ShardFiles.name(split, part, of: count))
      }
    }
  }
}
