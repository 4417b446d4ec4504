import Support

/// The properties of characters beyond ASCII that the tokenizers use, as data: with it, a tokenizer in
/// another language does not depend on the version of Unicode that its own library has.
package struct CharacterTable: Encodable, Sendable {
  /// The first character of each run of characters of one class.
  package let starts: [UInt32]
  /// The class of each run: `letter`, `space`, `apostrophe`, `quote`, `ellipsis`, `symbol` or `invisible`.
  package let classes: [String]
  /// The characters whose lower case differs.
  package let capitals: [UInt32]
  /// The lower case of each of them.
  package let lowercase: [String]

  /// The table of the version of Unicode of this program.
  package static let current = CharacterTable()

  private init() {
    var (starts, classes) = ([UInt32](), [String]())
    var (capitals, lowercase) = ([UInt32](), [String]())
    for scalar in (0x80...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
      let name = "\(scalar.characterClass)"
      if name != classes.last {
        starts.append(scalar.value)
        classes.append(name)
      }
      let lower = scalar.properties.lowercaseMapping
      if lower.unicodeScalars.first != scalar || lower.unicodeScalars.count > 1 {
        capitals.append(scalar.value)
        lowercase.append(lower)
      }
    }
    (self.starts, self.classes) = (starts, classes)
    (self.capitals, self.lowercase) = (capitals, lowercase)
  }
}
