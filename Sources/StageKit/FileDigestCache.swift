import Foundation
import Support

/// The digest of one file, and the attributes that show whether the file was written since.
public struct FileDigest: Codable, Equatable, Sendable {
  /// The path it was read under.
  public var path: String
  /// The SHA-256 of its content in hexadecimal.
  public var sha256: String
  /// The size in bytes, the inode, and the times of the last write and the last status change in
  /// nanoseconds: the attributes that git keeps in its index.
  public var signature: [Int64]

  /// Returns the signature of the regular file at `path`.
  /// - Throws: ``UserError`` with exit status `noInput`.
  public static func signature(of path: String) throws -> [Int64] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable(path, "it is neither a file nor a folder")
    }
    func nanoseconds(_ time: timespec) -> Int64 {
      Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
    return [Int64(status.st_size), Int64(bitPattern: UInt64(status.st_ino))]
      + changeTimes(of: status).map(nanoseconds)
  }
}

/// Returns the digest of a file, or those of all files below a directory. Files that look unchanged
/// since the stage that made the directory recorded them are not read again.
/// - Throws: ``UserError`` with exit status `noInput`.
public func digests(of path: String) throws -> [FileDigest] {
  var cache = FileDigestCache()
  _ = try cache.digest(of: path)
  return cache.files
}

/// Computes the digests of a stage's inputs. A file that looks unchanged since it was last read
/// keeps its digest; the attributes only save reading, the fingerprint holds content.
struct FileDigestCache {
  private var known: [String: FileDigest]
  /// Whether known digests are ignored.
  private let verify: Bool
  /// The digests computed or reused so far.
  private(set) var files: [FileDigest] = []

  init(known: [FileDigest] = [], verify: Bool = false) {
    self.known = Dictionary(known.map { ($0.path, $0) }) { first, _ in first }
    self.verify = verify
  }

  /// Returns the SHA-256 of a file; for a directory, that of the sorted list of its files and their
  /// digests, without stamps; see ``FileListing``. Of a stage's output, only the files of its stamp
  /// count, and documents as they were written, whatever a user has added or edited.
  /// - Throws: ``UserError`` with exit status `noInput`.
  mutating func digest(of path: String) throws -> String {
    guard let isDirectory = isDirectory(path) else {
      throw missingInput(path, hint: "check the path, or run the stage that makes it first")
    }
    guard isDirectory else { return try fileDigest(path) }
    reuseStamp(of: path)
    var list = SHA256()
    func add(_ name: String, _ digest: String) {
      // The digest has a fixed length and no name holds a NUL, so different lists differ in bytes.
      list.update(data: Data("\(digest) \(name)\0".utf8))
    }
    if let output = OutputListing(of: path) {
      for file in output.files {
        let filePath = "\(path)/\(file.path)"
        if file.isDocument {
          add(file.path, file.sha256)
        } else if fileType(filePath) != nil {
          add(file.path, try fileDigest(filePath))
        }
      }
    } else {
      let listing = try FileListing(of: path)
      for name in listing.files where name.lastPathName != Stamp.fileName {
        add(name, try fileDigest("\(path)/\(name)"))
      }
      // Programs report these.
      for name in listing.duplicates { add(name, "") }
    }
    return list.finalize().hexadecimal
  }

  /// Checks that no file was written since it was read.
  /// - Throws: ``UserError`` with exit status `temporary`.
  func verifyUnchanged() throws {
    for file in files where (try? FileDigest.signature(of: file.path)) != file.signature {
      throw UserError(
        .temporary, at: file.path, problem: "it changed while it was being read",
        hint: "run the command again; the previous output is unchanged")
    }
  }

  /// Takes over the digests from the stamp of a directory, so that an output that was made again
  /// with the same content is not read again.
  private mutating func reuseStamp(of directory: String) {
    guard let stamp = Stamp(of: directory) else { return }
    for var file in stamp.outputs {
      file.path = "\(directory)/\(file.path)"
      if (try? FileDigest.signature(of: file.path)) == file.signature { known[file.path] = file }
    }
  }

  private mutating func fileDigest(_ path: String) throws -> String {
    let signature = try FileDigest.signature(of: path)
    if !verify, let file = known[path], file.signature == signature {
      files.append(file)
      return file.sha256
    }
    waitOutTimestampGranularity(after: signature[3])
    let file = FileDigest(path: path, sha256: try sha256(path), signature: signature)
    files.append(file)
    return file.sha256
  }

  /// Waits until a later write to a file is sure to change its time stamp. Two writes within one
  /// tick of the system's clock have the same time (git calls such files "racy").
  private func waitOutTimestampGranularity(after statusChange: Int64) {
    let age = Date().timeIntervalSince1970 - Double(statusChange) / 1e9
    if age >= 0, age < 0.02 { Thread.sleep(forTimeInterval: 0.02 - age) }
  }

  private func sha256(_ path: String) throws -> String {
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      var hash = SHA256()
      while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
        hash.update(data: chunk)
      }
      return hash.finalize().hexadecimal
    } catch {
      throw unreadable(path, systemMessage(error))
    }
  }
}

private func unreadable(_ path: String, _ problem: String) -> UserError {
  UserError(
    .noInput, at: path, problem: "cannot be read: \(problem)",
    hint: "check the path and its permissions")
}
