import Foundation
import Support

/// The model of a task to use for new texts, as `report.json` says.
struct ChosenModel: Decodable {
  private struct Report: Decodable { let headline: [Headline] }
  private struct Headline: Decodable {
    let task: String
    let models: Int
    let chosen: ChosenModel
  }

  private let model: String
  private let split: String
  private var rivals = 0

  private enum CodingKeys: CodingKey { case model, split }

  /// Reads the models of a report by their tasks.
  /// - Throws: ``UserError`` with exit status `data` if it is no such report.
  static func all(inReportAt path: String) throws -> [String: ChosenModel] {
    do {
      let report = try JSONDecoder().decode(
        Report.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      return report.headline.reduce(into: [:]) { models, headline in
        models[headline.task] = headline.chosen
        models[headline.task]?.rivals = headline.models
      }
    } catch {
      throw UserError(
        .data, at: path, problem: "cannot be read: \(error)", expected: "the report of a run",
        hint: "run it again with pipeline run --force")
    }
  }

  /// The stage of the manifest that trained it.
  var stage: String { model == "bag-of-words" ? model : "train" }

  /// The model and why it was chosen.
  var phrase: String {
    let name = stage == "train" ? "the network" : "the bag of words"
    let rows = "the best of \(rivals) models on the \(split) rows"
    return "\(name), \(rows)"
      + (split == "test" ? ", where its accuracy is therefore a little too high" : "")
  }
}
