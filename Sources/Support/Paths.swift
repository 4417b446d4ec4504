import Foundation

// Paths as text. Not Foundation's `NSString.deletingLastPathComponent`: with Swift 6.3.1 on Linux it
// traps on every path that holds no slash.

extension String {
  /// The last name of a path, slashes at its end not counted; empty for `/`.
  public var lastPathName: String {
    let end = utf8.lastIndex { $0 != UInt8(ascii: "/") }.map { utf8.index(after: $0) } ?? startIndex
    let start = utf8[..<end].lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) }
    return String(self[(start ?? startIndex)..<end])
  }

  /// The path without its last name and the slashes around it; empty if there is nothing before the
  /// name, and `/` for `/`.
  public var parentPath: String {
    var bytes = utf8[...]
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    bytes = bytes[..<slash]
    while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes.isEmpty ? "/" : String(Substring(bytes))
  }
}

/// The absolute path without links; the part of it that does not exist yet stays as it is.
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

/// Whether what lies at `path`, or what a link there leads to, is a folder; nothing if there is
/// nothing.
public func isDirectory(_ path: String) -> Bool? {
  var isDirectory: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
  return exists ? isDirectory.boolValue : nil
}
