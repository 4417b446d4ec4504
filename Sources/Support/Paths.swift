import Foundation

// Paths as text. Foundation's `NSString.deletingLastPathComponent` traps on paths without a slash
// (Swift 6.3.1 on Linux).

extension String {
  /// The last component of a path, ignoring trailing slashes; empty for `/`.
  public var lastPathName: String {
    let end = utf8.lastIndex { $0 != UInt8(ascii: "/") }.map { utf8.index(after: $0) } ?? startIndex
    let start = utf8[..<end].lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) }
    return String(self[(start ?? startIndex)..<end])
  }

  /// The path without its last component and the slashes around it; empty for a path of a single
  /// component, and `/` for `/`.
  public var parentPath: String {
    var bytes = utf8[...]
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    bytes = bytes[..<slash]
    while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes.isEmpty ? "/" : String(Substring(bytes))
  }
}

/// Returns the absolute path without symbolic links; components that do not exist are kept.
public func realPath(_ path: String) -> String {
  if let resolved = realpath(path.isEmpty ? "." : path, nil) {
    defer { free(resolved) }
    return String(cString: resolved)
  }
  let parent = path.parentPath
  guard parent != path, !path.lastPathName.isEmpty else { return path }
  let folder = realPath(parent)
  return (folder.hasSuffix("/") ? folder : folder + "/") + path.lastPathName
}

/// Whether `path`, or the target of a link there, is a directory; nil if it does not exist.
public func isDirectory(_ path: String) -> Bool? {
  var isDirectory: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
  return exists ? isDirectory.boolValue : nil
}
