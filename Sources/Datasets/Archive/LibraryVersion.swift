import CLibarchive
import CLibxml2

/// A system library whose version can change what is read.
public struct LibraryVersion: Sendable {
  /// Its name.
  public let name: String
  /// The version in use, which may be newer than the one this was built with.
  public let version: String

  /// The libraries that archives and HTML are read through.
  public static var all: [LibraryVersion] {
    let archive = archive_version_number()
    let zlib = archive_zlib_version().map { String(cString: $0) } ?? "none"
    let xml = libxml2_version().flatMap { Int32(String(cString: $0).prefix { $0.isNumber }) } ?? 0
    return [
      LibraryVersion(name: "libarchive", version: dotted(archive, base: 1000)),
      LibraryVersion(name: "libxml2", version: dotted(xml, base: 100)),
      LibraryVersion(name: "zlib", version: zlib),
    ]
  }

  /// 3006002 as 3.6.2, and 20914 as 2.9.14.
  private static func dotted(_ number: Int32, base: Int32) -> String {
    "\(number / base / base).\(number / base % base).\(number % base)"
  }
}
