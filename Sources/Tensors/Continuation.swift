import Foundation

/// What an unfinished run has done so far, kept as `<output>.resume` until the output is published.
///
/// It is written beside and renamed, so it is always whole, and it carries the key of the run: a
/// run with other settings or inputs does not see it.
public final class Continuation {
  /// Stands for everything that shapes the output; set before use.
  public var key = ""
  private let path: String
  private var beside: String { path + ".new" }
  private static let keyName = "run"

  init(path: String) { self.path = path }

  /// What the same run left; nothing if there is none, or if it cannot be read.
  public func load() -> TensorFile? {
    guard let file = try? TensorFile(path: path), !key.isEmpty,
      file.metadata[Self.keyName] == key
    else { return nil }
    return file
  }

  /// Keeps `document` in place of what was kept before.
  /// - Throws: ``Refusal`` of kind `io`; what was kept before is then still there.
  public func save(_ document: TensorDocument) throws {
    var document = document
    document.metadata[Self.keyName] = key
    do {
      try writeFlushed(document.encoded(), to: beside)
      guard rename(beside, path) == 0 else {
        throw Refusal(
          .io, at: path, saw: "cannot be replaced: \(String(cString: strerror(errno)))",
          advice: "check the permissions of its folder")
      }
    } catch {
      // On a full disk the half that was written is in everybody's way.
      unlink(beside)
      throw error
    }
  }

  /// Forgets what was kept.
  public func discard() { for name in files { unlink(name) } }

  /// Where it may be kept.
  var files: [String] { [path, beside] }
}
