import ArgumentParser

extension Pipeline {
  /// Says what is up to date.
  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which stages are up to date, and why others are not.")

    @OptionGroup var options: ManifestOptions
    @Flag(help: "Print the status as JSON.")
    var json = false

    func run() async throws { print("not yet") }
  }
}
