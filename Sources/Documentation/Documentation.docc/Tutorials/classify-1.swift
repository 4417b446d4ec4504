import Foundation
import TextClassification

let url = URL(fileURLWithPath: CommandLine.arguments[1])
let classifier = try TextClassifier(contentsOf: url)

let answer = try classifier.predict("A wonderful film, and a wonderful end.")
print(answer.label, answer.probabilities, answer.known)
