import Foundation
import Testing

@testable import DLNC
@testable import Training

/// Settings that follow from the size of the training data.
struct AutomaticSettingsTests {
  private func settings(_ rows: Int..., batch: Int? = nil) -> AutomaticSettings {
    AutomaticSettings(
      for: TrainingDataSize(rows: rows, tokensPerRow: 20, classes: 2), batch: batch)
  }

  private func steps(_ rows: Int) -> Int {
    let settings = settings(rows)
    return settings.epochs * ((rows + settings.batch - 1) / settings.batch)
  }

  @Test func `small sets get more epochs of smaller batches`() {
    #expect(settings(100).epochs > settings(2000).epochs)
    #expect(settings(100).batch < settings(20_000).batch)
    #expect(settings(20_000).epochs == AutomaticSettings.epochRange.lowerBound)
    #expect(settings(1).epochs == AutomaticSettings.epochRange.upperBound)
    for (fewer, more) in zip([100, 200, 500, 1000, 2000], [200, 500, 1000, 2000, 4000]) {
      #expect(steps(fewer) <= steps(more), "\(fewer)")
      #expect(settings(fewer).epochs >= settings(more).epochs, "\(fewer)")
    }
  }

  @Test func `tasks that share a network count together`() {
    #expect(settings(500, 500) == settings(1000))
    #expect(settings(500, 500).batch > settings(500).batch)
  }

  @Test func `a batch that is given keeps the number of steps`() {
    let (small, usual) = (settings(500, batch: 8), settings(500))
    #expect(small.batch == 8 && small.epochs < usual.epochs)
  }

  @Test func `no rows and the largest numbers of rows have settings`() {
    for rows in [0, 1, 1 << 40] { #expect(settings(rows).epochs >= 1) }
    #expect(
      AutomaticSettings(for: TrainingDataSize(rows: [], tokensPerRow: 0, classes: 0)).batch > 0)
  }
}

/// The warm-up as a fraction of the steps or a number of them.
struct WarmupTests {
  @Test(arguments: [(0.0, 0), (0.1, 8), (0.99, 83), (1, 1), (100, 100)])
  func `below 1 it is a fraction, from 1 a number of steps`(value: Double, steps: Int) {
    let warmup = Warmup(rawValue: value)
    #expect(warmup.isValid && warmup.steps(of: 84) == steps)
  }

  @Test(arguments: [-0.1, 1.5, 2e9, .infinity, .nan])
  func `other numbers are invalid`(value: Double) {
    #expect(!Warmup(rawValue: value).isValid)
    #expect(Warmup(rawValue: value).steps(of: 84) == 0)
  }

  @Test func `the rate rises in the warm-up and then falls`() {
    var settings = TrainingSettings()
    settings.learningRate = 1
    let rates = (0..<20).map { settings.rate(step: $0, total: 20) }
    #expect(rates[0] == 0.5 && rates[1] == 1 && rates[2] == 1 && rates[19] == 1.0 / 18)
    settings.warmup = 40
    #expect(settings.rate(step: 19, total: 20) == 0.5)
  }

  /// Model files of earlier versions have the number of steps.
  @Test func `settings of earlier versions are read and written as they were`() throws {
    var settings = TrainingSettings()
    settings.warmup = 100
    let text = try encode(settings)
    #expect(text.contains("\"warmup\":100,"))
    let read = try JSONDecoder().decode(TrainingSettings.self, from: Data(text.utf8))
    #expect(read == settings && read.warmup.description == "100")
    let new = try encode(TrainingSettings())
    #expect(new.contains("\"warmup\":0.1"))
  }
}
