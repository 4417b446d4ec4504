import Foundation

/// Headless Chromium, to check pages as they are rendered.
struct Chromium {
  let path: String

  /// The browser on the search path, or nil.
  static let installed: Chromium? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    for folder in folders {
      for name in ["chromium", "chromium-browser", "google-chrome"] {
        let path = "\(folder)/\(name)"
        if FileManager.default.isExecutableFile(atPath: path) { return Chromium(path: path) }
      }
    }
    return nil
  }()

  /// Opens the page at `path`; returns its HTML after scripts have run, and the browser's log.
  func open(_ path: String, folder: URL) throws -> (page: String, log: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: self.path)
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run",
      "--disable-background-networking", "--allow-file-access-from-files",
      "--enable-logging=stderr", "--user-data-dir=\(folder.path)/profile",
      "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", "file://\(path)",
    ]
    // Files instead of pipes: a full pipe would block the browser.
    let files = try ["page", "log"].map { name in
      let url = folder.appendingPathComponent("\(name).txt")
      try Data().write(to: url)
      return url
    }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return (texts[0], texts[1])
  }
}
