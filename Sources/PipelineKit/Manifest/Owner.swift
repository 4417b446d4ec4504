import Foundation
import Support

/// The folder of the outputs records its manifest, so that another manifest of the same name does
/// not replace them.
extension Manifest {
  /// The error for a folder whose outputs belong to another manifest; nil if it is free or belongs to
  /// this one. A manifest that was edited, moved or renamed keeps its outputs; a copy with the same
  /// content shares them.
  public func foreignOwner(of folder: String) -> UserError? {
    guard let owner = otherOwner(of: folder),
      !FileManager.default.contentsEqual(atPath: owner, andPath: source.path)
    else { return nil }
    let workingDirectory = realPath(".") + "/"
    let path =
      owner.hasPrefix(workingDirectory) ? String(owner.dropFirst(workingDirectory.count)) : owner
    return UserError(
      .cannotCreate, at: source.path,
      problem: "\(folder) has the outputs of another manifest with the name “\(name)”: \(path)",
      hint: "choose another name: in \(source.path), or another --output-root; "
        + "if \(source.path) replaces \(path), remove \(path)")
  }

  /// Records that the outputs in a folder are those of this manifest. Other errors than those below
  /// are ignored: if the folder cannot be written, the first stage says so.
  /// - Throws: ``UserError`` with exit status `cannotCreate` if they belong to another manifest.
  public func claim(_ folder: String) throws {
    guard Self.isFile(source.path) else { return }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let descriptor = open(Self.record(in: folder), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    defer { if descriptor >= 0 { close(descriptor) } }
    // Of two manifests that start at once, the second waits here and then sees the record of the first.
    if descriptor >= 0 { flock(descriptor, LOCK_EX) }
    if let error = foreignOwner(of: folder) { throw error }
    guard descriptor >= 0, otherOwner(of: folder) == nil else { return }
    // A relative path remains right when the whole project is moved or copied.
    var from = realPath(folder).split(separator: "/")[...]
    var to = realPath(source.path).split(separator: "/")[...]
    while let first = from.first, first == to.first {
      (from, to) = (from.dropFirst(), to.dropFirst())
    }
    let path = Array((from.map { _ in ".." } + to).joined(separator: "/").utf8)
    guard Data(path) != FileManager.default.contents(atPath: Self.record(in: folder)) else {
      return
    }
    // Part of a path names no file, which is as good as no record.
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, path, path.count, 0)
  }

  private static func record(in folder: String) -> String { "\(folder)/.manifest" }

  /// The other manifest of this name whose outputs are in a folder. One with mistakes still owns
  /// them, one that has another name now does not.
  private func otherOwner(of folder: String) -> String? {
    guard let record = FileManager.default.contents(atPath: Self.record(in: folder)),
      let path = String(validating: record, as: UTF8.self)
    else { return nil }
    let owner = realPath("\(realPath(folder))/\(path)")
    guard owner != realPath(source.path), Self.isFile(owner) else { return nil }
    return (try? Manifest(path: owner)).map { $0.name.lowercased() == name.lowercased() } ?? true
      ? owner : nil
  }

  private static func isFile(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: realPath(path))
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }
}
