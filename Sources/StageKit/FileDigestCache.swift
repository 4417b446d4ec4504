import Crypto
import Foundation
import Safetensors
import Support

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

/// The digests of a stage's inputs. A file that looks unchanged since it was last read (size,
/// inode, times) keeps its digest unread; times only spare the reading, the fingerprint holds
/// content.
struct FileDigestCache {
  private var memory: [String: FileDigest]
  /// Whether nothing is taken from memory.
  private let verify: Bool
  private(set) var files: [FileDigest] = []

  init(memory: [FileDigest], verify: Bool = false) {
    self.memory = Dictionary(memory.map { ($0.path, $0) }) { first, _ in first }
    self.verify = verify
  }

  /// The SHA-256 of a file; of a folder, that of the sorted list of its files and their digests,
  /// without stamps.
  /// - Throws: ``UserError`` of kind `noInput`.
  mutating func digest(of path: String) throws -> String {
    guard let isDirectory = isDirectory(path) else {
      throw UserError(
        .noInput, at: path, problem: "no such file or folder",
        hint: "check the path, or run the stage that makes it first")
    }
    guard isDirectory else { return try fileDigest(path) }
    remember(outputsOf: path)
    var list = SHA256()
    for name in try filesBelow(path) where name.lastPathName != Stamp.fileName {
      // The digest has a fixed length and no name holds a NUL, so no two lists look alike.
      list.update(data: Data("\(try fileDigest("\(path)/\(name)")) \(name)\0".utf8))
    }
    return hexadecimal(list.finalize())
  }

  /// Makes sure that the files are still those that were read.
  /// - Throws: ``UserError`` of kind `temporary`.
  func confirm() throws {
    for file in files where (try? signature(of: file.path)) != file.signature {
      throw UserError(
        .temporary, at: file.path, problem: "it changed while it was being read",
        hint: "run the command again; the previous output is as it was")
    }
  }

  /// Takes over what the stage that made a folder knows of its files, so that an output made again
  /// with the same content need not be read again.
  private mutating func remember(outputsOf folder: String) {
    guard let stamp = Stamp(of: folder) else { return }
    for var file in stamp.outputs {
      file.path = "\(folder)/\(file.path)"
      if (try? signature(of: file.path)) == file.signature { memory[file.path] = file }
    }
  }

  private mutating func fileDigest(_ path: String) throws -> String {
    let signature = try signature(of: path)
    if !verify, let known = memory[path], known.signature == signature {
      files.append(known)
      return known.sha256
    }
    try letTheClockTick(after: signature)
    let digest = FileDigest(path: path, sha256: try sha256(path), signature: signature)
    files.append(digest)
    return digest.sha256
  }

  /// A file that is written twice within one tick of the system's clock keeps its times; waiting
  /// that tick out before reading makes sure that a later write shows (git calls this "racy").
  private func letTheClockTick(after signature: [Int64]) throws {
    let age = Date().timeIntervalSince1970 - Double(signature[3]) / 1e9
    if age >= 0, age < 0.02 { Thread.sleep(forTimeInterval: 0.02 - age) }
  }

  private func signature(of path: String) throws -> [Int64] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable(path, "it is neither a file nor a folder")
    }
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

  /// The files below a folder, by their paths within it, sorted by their bytes.
  private func filesBelow(_ folder: String) throws -> [String] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw unreadable(folder, reason(error))
    }
    let files = try names.flatMap { name in
      isDirectory("\(folder)/\(name)") == true
        ? try filesBelow("\(folder)/\(name)").map { "\(name)/\($0)" } : [name]
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func unreadable(_ path: String, _ why: String) -> UserError {
    UserError(
      .noInput, at: path, problem: "cannot be read: \(why)",
      hint: "check the path and its permissions")
  }
}

private func hexadecimal(_ digest: SHA256.Digest) -> String {
  digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

/// The digests of a file, or of the files below a folder. What the stage that made a folder noted of
/// files that look unchanged is not read again.
/// - Throws: ``UserError`` of kind `noInput`.
public func digests(of path: String) throws -> [FileDigest] {
  var digests = FileDigestCache(memory: [])
  _ = try digests.digest(of: path)
  return digests.files
}
