import CLibxml2
import Support

/// Reads an XML document element by element with libxml2. Nothing is fetched, and documents that define
/// entities are rejected, because a few lines of them expand without limit.
final class XMLReader {
  /// A step through the document.
  enum Event: Equatable {
    /// The start of an element with this local name.
    case start(String)
    /// The end of an element with this local name.
    case end(String)
    /// Characters of the current element.
    case text
  }

  private let reader: xmlTextReaderPtr
  private let bytes: UnsafeMutableRawBufferPointer
  private let location: String
  /// The element without content whose end is still to be told.
  private var emptyElement: String?

  /// - Throws: ``UserError`` with exit status `data` if there is no document.
  init(_ content: [UInt8], at location: String) throws {
    self.location = location
    bytes = .allocate(byteCount: max(content.count, 1), alignment: 16)
    bytes.copyBytes(from: content)
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    let start = bytes.bindMemory(to: CChar.self).baseAddress
    guard content.count <= Int32.max,
      let reader = xmlReaderForMemory(
        start, Int32(content.count), nil, nil, Int32(options))
    else {
      bytes.deallocate()
      throw UserError(
        .data, at: location, problem: "\(content.count) bytes that cannot be read as XML",
        expected: "a part of a workbook", hint: Workbook.hint)
    }
    self.reader = reader
  }

  deinit {
    xmlFreeTextReader(reader)
    bytes.deallocate()
  }

  /// The next step, or nil at the end.
  /// - Throws: ``UserError`` with exit status `data` if the document is not valid.
  func next() throws -> Event? {
    if let name = emptyElement {
      emptyElement = nil
      return .end(name)
    }
    while true {
      let status = xmlTextReaderRead(reader)
      guard status == 1 else {
        if status == 0 { return nil }
        let line = xmlTextReaderGetParserLineNumber(reader)
        throw error("broken XML in line \(line)")
      }
      switch UInt32(clamping: xmlTextReaderNodeType(reader)) {
      case XML_READER_TYPE_ELEMENT.rawValue:
        if xmlTextReaderIsEmptyElement(reader) == 1 { emptyElement = name }
        return .start(name)
      case XML_READER_TYPE_END_ELEMENT.rawValue: return .end(name)
      case XML_READER_TYPE_TEXT.rawValue, XML_READER_TYPE_CDATA.rawValue,
        XML_READER_TYPE_SIGNIFICANT_WHITESPACE.rawValue, XML_READER_TYPE_WHITESPACE.rawValue:
        return .text
      case XML_READER_TYPE_DOCUMENT_TYPE.rawValue, XML_READER_TYPE_ENTITY_REFERENCE.rawValue:
        throw error("a definition of entities")
      default: continue
      }
    }
  }

  /// The characters at a ``Event/text``.
  var text: String { xmlTextReaderConstValue(reader).map { String(cString: $0) } ?? "" }

  /// The value of an attribute of the current element.
  /// - Parameter namespace: the namespace of its name, if it has a prefix.
  func attribute(_ name: String, namespace: String? = nil) -> String? {
    let value =
      namespace.map { xmlTextReaderGetAttributeNs(reader, name, $0) }
      ?? xmlTextReaderGetAttribute(reader, name)
    guard let value else { return nil }
    defer { libxml2_free(value) }
    return String(cString: value)
  }

  private var name: String {
    xmlTextReaderConstLocalName(reader).map { String(cString: $0) } ?? ""
  }

  private func error(_ problem: String) -> UserError {
    UserError(
      .data, at: location, problem: problem, expected: "a part of a workbook", hint: Workbook.hint)
  }
}
