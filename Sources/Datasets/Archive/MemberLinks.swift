import Support

/// The links of a container. Its members are read anyway, so a link to a member adds nothing; any
/// other link leads to data that the container lacks.
struct MemberLinks {
  /// The paths of all regular members.
  private var members: [String] = []
  /// The links by their normalized paths: the targets as stored, and normalized from the top of the
  /// container.
  private var links: [String: (stored: String, path: String)] = [:]

  mutating func addMember(_ path: String) { members.append(path) }

  /// Adds a symbolic link, whose target is relative to its folder.
  mutating func addSymbolicLink(_ path: String, to target: String) {
    let isAbsolute = target.hasPrefix("/")
    add(path, target, isAbsolute ? target : "\(path)/../\(target)")
  }

  /// Adds a hard link, whose target is the path of an earlier member.
  mutating func addHardLink(_ path: String, to target: String) { add(path, target, target) }

  private mutating func add(_ path: String, _ stored: String, _ target: String) {
    if !isHiddenOrSystemPath(path) {
      links[Self.normalized(path)] = (stored, Self.normalized(target))
    }
  }

  /// The links to members and to folders of members, sorted by their bytes; and the first other link
  /// with its target.
  func resolved() -> (duplicates: [String], dangling: (link: String, target: String)?) {
    guard !links.isEmpty else { return ([], nil) }
    var known: Set<String> = []
    for member in members { known.formUnion(Self.prefixes(of: Self.normalized(member))) }
    var duplicates: [String] = []
    for link in links.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let target = target(of: link), known.contains(target) else {
        return (duplicates, (link, links[link]?.stored ?? ""))
      }
      duplicates.append(link)
    }
    return (duplicates, nil)
  }

  /// The path that a link leads to, through all links on the way; nil if there are too many.
  private func target(of link: String) -> String? {
    var path = link
    for _ in 0..<40 {
      guard let prefix = Self.prefixes(of: path).first(where: { links[$0] != nil }) else {
        return path
      }
      let rest = path.utf8.dropFirst(prefix.utf8.count)
      path = Self.normalized((links[prefix]?.path ?? "") + (String(rest) ?? ""))
    }
    return nil
  }

  /// The path without `.`, `..` and superfluous slashes.
  private static func normalized(_ path: String) -> String {
    var components: [Substring] = []
    for component in path.split(separator: "/") where component != "." {
      if component == "..", let last = components.last, last != ".." {
        components.removeLast()
      } else {
        components.append(component)
      }
    }
    return components.joined(separator: "/")
  }

  /// The folders that a path lies in, the outermost first, and the path itself.
  private static func prefixes(of path: String) -> [String] {
    let components = path.split(separator: "/")
    return components.indices.map { components[...$0].joined(separator: "/") }
  }
}
