import Foundation
import TextClassification

let url = URL(fileURLWithPath: CommandLine.arguments[1])
let classifier = try TextClassifier(contentsOf: url)

let answer = try classifier.predict("A wonderful film, and a wonderful end.")
print(answer.label, answer.probabilities, answer.known)

let texts = ["A wonderful film.", "A dull story, badly told."]
for (text, answer) in zip(texts, try classifier.predict(texts, threads: 2)) {
  print(answer.label, text)
  for word in try classifier.explain(text, count: 3) {
    print("  \(word.word) \(word.by)")
  }
}
