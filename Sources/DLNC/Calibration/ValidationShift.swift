import Support

/// Accuracies that differ so much that validation rows are not like training rows.
///
/// Validation rows of another source, such as the official dev tweets of EI-reg, would make the
/// confidence right for that source and wrong for other texts. A bag of words tells: it is fitted to a part
/// of the training rows, and tried on another part and on the validation rows.
public struct ValidationShift: Codable, Equatable, Sendable {
  /// The accuracy on training rows that were held out from the fit.
  public var heldOutAccuracy: Double
  /// The accuracy on the validation rows.
  public var validationAccuracy: Double

  package init(heldOutAccuracy: Double, validationAccuracy: Double) {
    (self.heldOutAccuracy, self.validationAccuracy) = (heldOutAccuracy, validationAccuracy)
  }
}

extension ValidationShift: CustomStringConvertible {
  /// The reason against calibration.
  public var description: String {
    "its validation rows are not like its training rows: a bag of words is right on "
      + "\(NumberFormat.percent(validationAccuracy)) % of them, and on "
      + "\(NumberFormat.percent(heldOutAccuracy)) % of held-out training rows"
  }
}
