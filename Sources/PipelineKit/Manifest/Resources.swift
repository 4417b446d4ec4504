/// The resources that a stage requests on a cluster.
public struct Resources: Equatable, Sendable {
  /// A resource: a key of a manifest, and a flag of `pipeline run`.
  public enum Key: String, CaseIterable, Sendable {
    /// The partition, or several separated by commas.
    case partition
    /// The time limit in Slurm's notation: `90` minutes, `2:00:00`, `1-12`.
    case time
    /// The memory limit in Slurm's notation: `4G`; MiB without a letter.
    case memory
    /// The number of processors.
    case cpus
    /// The account that is charged.
    case account
  }

  private var values: [Key: String] = [:]

  /// No requests.
  public init() {}

  /// The value of a resource; nil leaves it to the cluster.
  subscript(key: Key) -> String? { values[key] }

  /// Sets a resource.
  /// - Returns: a description of a valid value if `text` is not one, else nil.
  public mutating func set(_ key: Key, to text: String) -> String? {
    let isValid =
      switch key {
      case .time: Self.seconds(of: text) != nil
      case .memory: text.wholeMatch(of: /0*[1-9][0-9]{0,8}[KMGT]?/) != nil
      case .cpus: Int(text).map { (1...1024).contains($0) } ?? false
      case .partition, .account: text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.,@+-]*/) != nil
      }
    guard isValid else {
      return switch key {
      case .time: "a time such as 90 (minutes), 2:00:00 or 1-12"
      case .memory: "an amount of memory such as 4G or 500M"
      case .cpus: "a number, 1 to 1024"
      case .partition: "the name of a partition"
      case .account: "the name of an account"
      }
    }
    values[key] = text
    return nil
  }

  /// These resources, and those of `defaults` that are not set here.
  func merging(_ defaults: Resources) -> Resources {
    var result = self
    result.values.merge(defaults.values) { own, _ in own }
    return result
  }

  /// The time limit in seconds.
  var seconds: Int? { values[.time].flatMap(Self.seconds(of:)) }

  /// The seconds of `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`,
  /// `days-hours:minutes` or `days-hours:minutes:seconds`; nil for other text and for zero.
  private static func seconds(of text: String) -> Int? {
    guard
      let match = text.wholeMatch(
        of: /(?:([0-9]{1,5})-)?([0-9]{1,7})(?::([0-9]{1,2}))?(?::([0-9]{1,2}))?/),
      let first = Int(match.2)
    else { return nil }
    let days = match.1.flatMap { Int($0) }
    let (second, third) = (match.3.flatMap { Int($0) }, match.4.flatMap { Int($0) })
    let total =
      if let days {
        days * 86_400 + first * 3600 + (second ?? 0) * 60 + (third ?? 0)
      } else if let third {
        first * 3600 + (second ?? 0) * 60 + third
      } else {
        first * 60 + (second ?? 0)
      }
    return total > 0 ? total : nil
  }
}
