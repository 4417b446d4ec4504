import Foundation

/// The files below a folder, as every program reads them.
///
/// Symbolic links are followed. A file that several paths lead to is listed once, under the path
/// without links or else under the first by its bytes. Hidden files and folders, and those that
/// desktop systems make, are left out.
public struct FileListing: Sendable {
  /// The paths of the files relative to the folder, sorted by their bytes.
  public private(set) var files: [String] = []
  /// The links to files and folders that are listed under another path, in the same order.
  public private(set) var duplicates: [String] = []

  private let root: String
  private var seen: Set<FileIdentity> = []
  /// The links that were found but not yet followed.
  private var links: [String] = []

  /// Lists the files below a folder, which may itself be named by a link.
  /// - Throws: ``UserError`` with exit status `noInput` if a folder cannot be listed or a link leads
  ///   nowhere, `data` if a link leads to a folder around it or an entry is no file, folder or link.
  public init(of folder: String) throws {
    root = folder
    if let identity = FileIdentity(of: folder) { seen.insert(identity) }
    try addContents(of: nil)
    // Links come last, so that a file is listed under its own path wherever that is.
    while !links.isEmpty {
      let found = links.sortedByBytes()
      links = []
      for link in found { try follow(link) }
    }
    files = files.sortedByBytes()
    duplicates = duplicates.sortedByBytes()
  }

  /// - Parameter folder: a path relative to the root; nil for the root itself.
  private mutating func addContents(of folder: String?) throws {
    let path = folder.map(location) ?? root
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw UserError(
        .noInput, at: path, problem: "cannot be listed: \(systemMessage(error))",
        hint: "check the path and its permissions")
    }
    for name in names where !isHiddenOrSystemFile(name) {
      let entry = folder.map { "\($0)/\(name)" } ?? name
      var status = stat()
      guard lstat(location(entry), &status) == 0 else { throw unreadable(entry) }
      if status.st_mode & S_IFMT == S_IFLNK {
        links.append(entry)
      } else {
        try add(entry, status)
      }
    }
  }

  private mutating func follow(_ link: String) throws {
    let path = location(link)
    var status = stat()
    guard stat(path, &status) == 0 else { throw unreadable(link) }
    let target = realPath(path)
    let folder = realPath(path.parentPath) + "/"
    guard !folder.hasPrefix(target == "/" ? target : target + "/") else {
      throw UserError(
        .data, at: path, problem: "a link to \(target), a folder that contains it",
        expected: "links that lead elsewhere", hint: "remove the link")
    }
    try add(link, status, isLink: true)
  }

  private mutating func add(_ entry: String, _ status: stat, isLink: Bool = false) throws {
    let isNew = seen.insert(FileIdentity(status)).inserted
    switch status.st_mode & S_IFMT {
    // Hard links are files of their own: tools make them of equal files with different labels.
    case S_IFREG where isNew || !isLink && status.st_nlink > 1: files.append(entry)
    case S_IFDIR where isNew: try addContents(of: entry)
    case S_IFREG, S_IFDIR: duplicates.append(entry)
    default:
      throw UserError(
        .data, at: location(entry), problem: "neither a file nor a folder",
        expected: "files, folders and links to them", hint: "remove it from the folder")
    }
  }

  private func location(_ entry: String) -> String {
    root.hasSuffix("/") ? root + entry : "\(root)/\(entry)"
  }

  /// The error for an entry whose attributes cannot be read.
  private func unreadable(_ entry: String) -> UserError {
    let path = location(entry)
    return danglingLink(path)
      ?? UserError(
        .noInput, at: path, problem: "cannot be read: \(String(cString: strerror(errno)))",
        hint: "check its permissions")
  }
}

/// A file or folder, whatever path leads to it.
private struct FileIdentity: Hashable {
  private let device: UInt64
  private let inode: UInt64

  init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Nil if there is nothing at the path.
  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}

/// Returns the error for a symbolic link that leads nowhere; nil if there is another thing, or
/// nothing, at the path.
public func danglingLink(_ path: String) -> UserError? {
  guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
    return nil
  }
  var status = stat()
  let code = stat(path, &status) == 0 ? 0 : errno
  guard code != 0 else { return nil }
  let problem =
    code == ELOOP ? "a link that leads back to itself" : "a link to \(target), which leads nowhere"
  return UserError(
    .noInput, at: path, problem: problem,
    hint: target.contains(".git/annex/")
      ? "fetch the content with “git annex get”" : "restore what it leads to, or remove the link")
}

/// Whether a file or folder is hidden or left over by desktop systems, file systems and programs,
/// such as `.git`, `._a.csv`, `Thumbs.db`, `__MACOSX` and `~$a.csv`: never data.
/// - Parameter name: its name, without the folders around it.
public func isHiddenOrSystemFile(_ name: some StringProtocol) -> Bool {
  if name.utf8.first == UInt8(ascii: ".") { return name != "." && name != ".." }
  // Office programs lock an open document with a file beside it.
  return name.hasPrefix("~$") || systemFileNames.contains(name.lowercased())
}

private let systemFileNames: Set<String> = [
  "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin",
  "system volume information", "lost+found", "@eadir",
  "__pycache__",
]

extension [String] {
  /// The strings in the order of their bytes.
  public func sortedByBytes() -> [String] {
    sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
