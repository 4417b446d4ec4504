import Foundation
import Support

/// The files that users added to or edited in an output folder, and their transfer to the output that
/// replaces it.
///
/// Everything is linked or copied into the new output before that is published. Until then it is in
/// the old one, so that it is never in danger, whenever the process dies.
struct UserFiles {
  /// The files kept under their names: paths within the output, folders with a slash at the end.
  private(set) var kept: [String] = []
  /// The files that were renamed because the new output has a file of that name.
  private(set) var renamed: [(name: String, newName: String, isEdited: Bool)] = []

  private let old: String
  private let new: String
  /// The digests of the old output by path; empty if its stamp is damaged.
  private let listed: [String: String]
  private var cache: FileDigestCache

  /// Takes everything that is not the stage's over into a new output.
  /// - Parameters:
  ///   - old: the output that is to be replaced; there may be none.
  ///   - new: the folder with the new output.
  ///   - outputs: the files of the new output.
  /// - Throws: ``UserError`` with exit status `io`.
  static func carryOver(
    from old: String, to new: String, outputs: [FileDigest]
  ) throws -> UserFiles {
    var files = UserFiles(from: old, to: new, outputs)
    if fileType(old) == S_IFDIR { try files.carryContents(of: "") }
    return files
  }

  private init(from old: String, to new: String, _ outputs: [FileDigest]) {
    (self.old, self.new) = (old, new)
    let files = OutputListing(of: old)?.files ?? []
    listed = Dictionary(files.map { ($0.path, $0.sha256) }) { first, _ in first }
    func known(_ files: [FileDigest], in folder: String) -> [FileDigest] {
      files.map {
        FileDigest(path: "\(folder)/\($0.path)", sha256: $0.sha256, signature: $0.signature)
      }
    }
    cache = FileDigestCache(
      known: known(Stamp(of: old)?.outputs ?? [], in: old) + known(outputs, in: new))
  }

  /// - Parameter folder: a path within the output that ends with a slash, or is empty.
  private mutating func carryContents(of folder: String) throws {
    for name in try names(in: "\(old)/\(folder)") {
      let path = folder + name
      let isFolder = fileType("\(old)/\(path)") == S_IFDIR
      let isOutput = listed.keys.contains { $0.hasPrefix(path + "/") }
      if isFolder, isOutput || fileType("\(new)/\(path)") == S_IFDIR {
        try carryContents(of: path + "/")
      } else if path != Stamp.fileName, isFolder || !hasContent(listed[path], path) {
        try keep(path, isFolder: isFolder)
      }
    }
  }

  /// Whether the old output's file at `path` has a digest.
  private mutating func hasContent(_ digest: String?, _ path: String) -> Bool {
    digest != nil && (try? cache.digest(of: "\(old)/\(path)")) == digest
  }

  private mutating func keep(_ path: String, isFolder: Bool) throws {
    var target = path
    if fileType("\(new)/\(path)") != nil {
      if !isFolder, hasContent(try cache.digest(of: "\(new)/\(path)"), path) { return }
      target = unusedPath(path + ".kept") { name in
        fileType("\(new)/\(name)") == nil && fileType("\(old)/\(name)") == nil
      }
      renamed.append((path, target, isEdited: listed[path] != nil))
    } else if !isHiddenOrSystemFile(path.lastPathName) {
      kept.append(isFolder ? path + "/" : path)
    }
    do {
      try FileManager.default.createDirectory(
        atPath: "\(new)/\(target)".parentPath, withIntermediateDirectories: true)
      try copy("\(old)/\(path)", to: "\(new)/\(target)")
    } catch {
      throw UserError(
        .io, at: "\(old)/\(path)",
        problem: "cannot be kept in the new output: \(systemMessage(error))",
        hint: "move it elsewhere and run the command again; the previous output is unchanged")
    }
  }

  /// Makes a file or link available under another name, and a folder with everything in it.
  private func copy(_ source: String, to target: String) throws {
    if fileType(source) == S_IFDIR {
      try FileManager.default.createDirectory(
        atPath: target, withIntermediateDirectories: false)
      for name in try names(in: source) { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
    } else if linkat(AT_FDCWD, source, AT_FDCWD, target, 0) != 0 {
      // No hard links on this file system, or none to files of other users.
      try FileManager.default.copyItem(atPath: source, toPath: target)
      if fileType(target) == S_IFREG { try flush(target) }
    }
  }

  private func names(in folder: String) throws -> [String] {
    // A network file system shows files that were deleted while they were open as .nfs….
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasPrefix(".nfs") }.sorted()
  }
}
