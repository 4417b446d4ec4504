/// One labelled value, as it is shown.
public struct Entry: Sendable, Equatable {
  /// What it is.
  public var label: String
  /// Its value.
  public var value: String

  /// An entry of these texts.
  public init(_ label: String, _ value: String) {
    self.label = label
    self.value = value
  }
}

/// Where numbers come from: the settings and inputs of one stage.
public struct Provenance: Sendable, Equatable {
  /// The stage, with what sets it apart, such as `train dlnc, seed 1`.
  public var stage: String
  /// Every setting, in the order of the stage's help.
  public var settings: [Entry]
  /// The SHA-256 of every input and output.
  public var digests: [Entry]

  /// The provenance of a stage.
  public init(stage: String, settings: [Entry], digests: [Entry] = []) {
    self.stage = stage
    self.settings = settings
    self.digests = digests
  }
}

/// What one stage cost. It differs from run to run, so only the HTML page shows it.
public struct ResourceUsage: Sendable, Equatable {
  /// The stage, with what sets it apart, such as `train dlnc, seed 1`.
  public var stage: String
  /// Its wall time in seconds.
  public var seconds: Double
  /// The most memory it held, in bytes.
  public var peakBytes: Int

  /// The cost of a stage.
  public init(stage: String, seconds: Double, peakBytes: Int) {
    self.stage = stage
    self.seconds = seconds
    self.peakBytes = peakBytes
  }
}
