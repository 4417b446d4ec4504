/// The options of other stages that a manifest of `init` uses.
enum InitDefaults {
  /// The recipe of the network if `--recipe` is not given; nil leaves the option out.
  static let recipe: String? = nil
  /// Whether `ingest` has the option `--id-column`.
  static let writesIDColumn = false
}
