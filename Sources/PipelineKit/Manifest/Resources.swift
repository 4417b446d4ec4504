/// The resources that a stage requests on a cluster; nil leaves one to the cluster.
public struct Resources: Equatable, Sendable {
  /// The partition, or several separated by commas.
  var partition: String?
  /// The time limit in Slurm's notation: `90` minutes, `2:00:00`, `1-12`.
  var time: String?
  /// The memory limit in Slurm's notation: `4G`; MiB without a letter.
  var memory: String?
  /// The number of processors.
  var cpus: Int?
  /// The account that is charged.
  var account: String?

  /// The keys of a manifest, which are also flags of `pipeline run`.
  public static let keys = ["partition", "time", "memory", "cpus", "account"]

  /// No requests.
  public init() {}

  /// Sets the resource `key`, one of ``keys``.
  /// - Returns: a description of a valid value if `text` is not one, else nil.
  public mutating func set(_ key: String, to text: String) -> String? {
    switch key {
    case "time":
      guard seconds(of: text) != nil else { return "a time such as 90 (minutes), 2:00:00 or 1-12" }
      time = text
    case "memory":
      guard text.wholeMatch(of: /0*[1-9][0-9]{0,8}[KMGT]?/) != nil else {
        return "an amount of memory such as 4G or 500M"
      }
      memory = text
    case "cpus":
      guard let count = Int(text), (1...1024).contains(count) else { return "a number, 1 to 1024" }
      cpus = count
    default:
      guard text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.,@+-]*/) != nil else {
        return "the name of \(key == "account" ? "an account" : "a partition")"
      }
      if key == "account" { account = text } else { partition = text }
    }
    return nil
  }

  /// These resources, with those of `defaults` where these are nil.
  func merging(_ defaults: Resources) -> Resources {
    var result = self
    result.partition = partition ?? defaults.partition
    result.time = time ?? defaults.time
    result.memory = memory ?? defaults.memory
    result.cpus = cpus ?? defaults.cpus
    result.account = account ?? defaults.account
    return result
  }

  /// The time limit in seconds.
  var seconds: Int? { time.flatMap(seconds(of:)) }

  /// The seconds of `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`,
  /// `days-hours:minutes` or `days-hours:minutes:seconds`; nil for other text and for zero.
  private func seconds(of text: String) -> Int? {
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
