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

/// Whether two paths lead to the same, or one is in the folder at the other.
public func overlap(_ first: String, _ second: String) -> Bool {
  let (first, second) = (realPath(first) + "/", realPath(second) + "/")
  return first.hasPrefix(second) || second.hasPrefix(first)
}

/// Whether `path`, or the target of a link there, is a directory; nil if it does not exist.
public func isDirectory(_ path: String) -> Bool? {
  var isDirectory: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
  return exists ? isDirectory.boolValue : nil
}

/// Returns the error for a path at which there is nothing. It explains what the shell would have
/// replaced, addresses of the web, links that lead nowhere and lists.
/// - Parameter hint: what to do about any other path.
public func missingInput(
  _ path: String, problem: String = "no such file or folder", expected: String? = nil, hint: String
) -> UserError {
  func error(_ problem: String, _ hint: String) -> UserError {
    UserError(.noInput, at: path, problem: problem, expected: expected, hint: hint)
  }
  if let error = danglingLink(path) { return error }
  let scheme = path.prefix { $0 != ":" }
  if path.dropFirst(scheme.count).hasPrefix("://"),
    scheme.allSatisfy({ $0.isASCII && $0.isLetter || $0.isNumber })
  {
    return error(
      "an address, which is not fetched",
      "download it first, such as with “curl -LO”, and name the file")
  }
  if path.hasPrefix("~") {
    return error(
      problem,
      "write $HOME in place of ~, which the shell replaces only at the beginning of a word without quotes"
    )
  }
  if path.contains(where: "*?[{".contains) {
    return error(
      problem,
      "leave out quotes, so that the shell replaces the pattern by the names of files")
  }
  let parts = path.split(separator: ",").map(String.init)
  if parts.count > 1, parts.allSatisfy({ isDirectory($0) != nil }) {
    return error(problem, "give the names one by one, without commas")
  }
  return error(problem, hint)
}

/// The type of what is at `path`, such as `S_IFDIR`, without following a link; nil if there is nothing.
package func fileType(_ path: String) -> mode_t? {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
}
