import DLNC
import Support
import Tokenization

/// The words that speak for each class.
extension Evaluator {
  /// Reads the words that speak for the classes from the weights of a model, if it has such weights.
  mutating func collectWords(
    of model: any Classifier, _ variant: ModelVariant, _ task: EvaluationTask
  ) {
    let source = ClassWords.Source.weights(variant)
    guard !input.words.contains(where: { $0.task == task && $0.source == source }),
      let ngrams = model.strongestNgrams(of: task.name, count: ClassWords.listed)
    else { return }
    input.words.append(
      ClassWords(
        task: task, source: source, classNames: model.classNames(of: task.name) ?? [],
        hasCharacters: (model as? LinearModel)?.tasks.contains { $0.characters != nil } == true,
        entries: ngrams.map { entries($0, model.vocabulary) }))
  }

  /// The words that are typical of the training rows of each class.
  func typicalWords(of task: EvaluationTask) throws -> ClassWords? {
    guard let dataset = datasets[task], let shard = try dataset.shard(task.name, .train) else {
      return nil
    }
    return ClassWords(
      task: task, source: .trainingRows, classNames: shard.classNames,
      entries: shard.distinctiveNgrams(ClassWords.listed).map { entries($0, dataset.vocabulary) })
  }

  private func entries(_ ngrams: [WeightedNgram], _ vocabulary: Vocabulary) -> [ClassWords.Entry] {
    ngrams.map { ngram in
      ClassWords.Entry(
        text: ngram.tokens.map { vocabulary.word($0) ?? "" }.joined(separator: " "),
        weight: ngram.weight)
    }
  }
}
