import Support
import Testing

struct WrappingTests {
  @Test func `long lines are broken between words, and long words are kept`() {
    #expect(wrapped("one two three", width: 20) == ["one two three"])
    #expect(wrapped("one two three four", width: 9) == ["one two", "three", "four"])
    #expect(wrapped("  one two three", width: 9, indent: 2) == ["  one two", "    three"])
    #expect(wrapped("a veryverylongword b", width: 8) == ["a", "veryverylongword", "b"])
    #expect(wrapped("a    b  c", width: 9) == ["a    b  c"])
    #expect(wrapped("", width: 5) == [""])
    let indented = String(repeating: " ", count: 20) + "a b"
    #expect(wrapped(indented, width: 10) == [indented])
  }
}
