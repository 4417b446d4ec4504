import Crypto
import Foundation
import Tensors

/// The digest of one file, and what tells that the file has not been written since.
public struct FileDigest: Codable, Equatable, Sendable {
  /// The path it was read under.
  public var path: String
  /// SHA-256 of its content, in hexadecimal.
  public var sha256: String
  /// Size in bytes, inode, and times of last write and last status change in nanoseconds, as git
  /// remembers files in its index.
  public var signature: [Int64]
}

/// The digests of a stage's inputs. A file that looks unchanged since the last run (size, inode,
/// times) keeps its digest unread; times only spare the reading, the fingerprint holds content.
struct InputDigests {
  private let memory: [String: FileDigest]
  private(set) var files: [FileDigest] = []

  init(memory: [FileDigest]) {
    self.memory = Dictionary(memory.map { ($0.path, $0) }) { first, _ in first }
  }

  /// The SHA-256 of a file; of a folder, that of the sorted list of its files and their digests,
  /// without stamps.
  /// - Throws: ``Refusal`` of kind `noInput`.
  mutating func digest(of path: String) throws -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Refusal(
        .noInput, at: path, saw: "no such file or folder",
        advice: "check the path, or run the stage that makes it first")
    }
    guard isDirectory.boolValue else { return try fileDigest(path) }
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    var list = SHA256()
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where (name as NSString).lastPathComponent != Stamp.fileName {
      let file = "\(path)/\(name)"
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory),
        !isDirectory.boolValue
      else { continue }
      list.update(data: Data("\(name)\t\(try fileDigest(file))\n".utf8))
    }
    return hexadecimal(list.finalize())
  }

  private mutating func fileDigest(_ path: String) throws -> String {
    let signature = try signature(of: path)
    if let known = memory[path], known.signature == signature {
      files.append(known)
      return known.sha256
    }
    let digest = FileDigest(path: path, sha256: try sha256(path), signature: signature)
    files.append(digest)
    return digest.sha256
  }

  private func signature(of path: String) throws -> [Int64] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    let nanoseconds = { (time: timespec) in Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
    return [
      Int64(status.st_size), Int64(bitPattern: UInt64(status.st_ino)),
      nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
    ]
  }

  private func sha256(_ path: String) throws -> String {
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      var hash = SHA256()
      while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
        hash.update(data: part)
      }
      return hexadecimal(hash.finalize())
    } catch {
      throw unreadable(path, reason(error))
    }
  }

  private func unreadable(_ path: String, _ why: String) -> Refusal {
    Refusal(.noInput, at: path, saw: "cannot be read: \(why)", advice: "check its permissions")
  }
}

private func hexadecimal(_ digest: SHA256.Digest) -> String {
  digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
