import Safetensors

/// What a stage asks of a cluster.
public struct Resources: Equatable, Sendable {
  /// Where it may run; several separated by commas.
  public var partition: String?
  /// How long it may run, as Slurm writes it: `90` minutes, `2:00:00`, `1-12`.
  public var time: String?
  /// How much memory it may hold, as Slurm writes it: `4G`; without a letter in MiB.
  public var memory: String?
  /// How many processors it gets.
  public var cpus: Int?
  /// Who pays.
  public var account: String?

  /// The keys that a manifest may give, which are also flags of `pipeline run`.
  public static let keys = ["partition", "time", "memory", "cpus", "account"]

  /// Nothing in particular.
  public init() {}

  /// Sets what `key`, one of ``keys``, stands for.
  /// - Returns: what was expected, if `text` is nothing of the kind.
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

  /// These, and of `others` what these leave open.
  public func over(_ others: Resources) -> Resources {
    var result = self
    result.partition = partition ?? others.partition
    result.time = time ?? others.time
    result.memory = memory ?? others.memory
    result.cpus = cpus ?? others.cpus
    result.account = account ?? others.account
    return result
  }

  /// The time in seconds.
  var seconds: Int? { time.flatMap(seconds(of:)) }

  /// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` or
  /// `days-hours:minutes:seconds` in seconds; nothing for other text, and for no time at all.
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
