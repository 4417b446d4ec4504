import ArgumentParser

extension Pipeline {
  /// Draws the stages and what they read.
  struct Graph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draw the stages and what they read.")

    @OptionGroup var options: ManifestOptions

    func run() async throws { print("not yet") }
  }
}
