"""What the tokenizers share. They split texts exactly as the program that trained the model does.

A tokenizer reads a text by index. Some NULs follow the text, so that rules can look around without
checks: an index beyond either end gives NUL, which is in no normalized text.
"""

import bisect
import string

LETTERS, CAPITALS, DIGITS = (
    frozenset(string.ascii_letters), frozenset(string.ascii_uppercase), frozenset(string.digits))
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_END = "\0" * 8


def _replacements():
    """The replacements of ``normalize``, as a table for str.translate."""
    blanks = [*range(0x21), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
              0x202F, 0x205F, 0x3000]
    table = dict.fromkeys(blanks, " ")
    for code in range(0x80, 0xA0):  # Windows-1252 that was decoded as Latin-1.
        table[code] = bytes([code]).decode("cp1252", "ignore") or " "
    noncharacters = [plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)]
    table.update(dict.fromkeys([*noncharacters, *range(0xD800, 0xE000)], "\uFFFD"))
    table[0xFEFF] = ""
    return table


_REPLACEMENTS = _replacements()


def normalize(text):
    """The text without control characters and with single spaces between words only."""
    return " ".join(part for part in text.translate(_REPLACEMENTS).split(" ") if part)


class Characters(dict):
    """The class of each character; also its lower case.

    Both are from the table of a model, so that they do not depend on Python's version of Unicode.
    """

    def __init__(self, table):
        super().__init__()
        self._starts, self._classes = table["starts"], table["classes"]
        self._lowercase = dict(zip(map(chr, table["capitals"]), table["lowercase"]))

    def lowercased(self, character):
        if character < "\x80":
            return character.translate(_ASCII_LOWER)
        return self._lowercase.get(character, character)

    def __missing__(self, character):
        if character >= "\x80":
            kind = self._classes[bisect.bisect(self._starts, ord(character)) - 1]
        elif character in LETTERS:
            kind = "letter"
        elif character in DIGITS:
            kind = "digit"
        elif character == "'":
            kind = "apostrophe"
        else:
            kind = "space" if character <= " " or character == "\x7F" else "punctuation"
        self[character] = kind
        return kind


class Tokenizer:
    """What both tokenizers share: looking around in a text, and appending to words."""

    def __init__(self, characters):
        self.kinds, self.lowercased = characters, characters.lowercased

    def begin(self, text):
        self.text, self.count = text + _END, len(text)
        self.lower = self.text.translate(_ASCII_LOWER)
        self.position, self.word, self.words = 0, "", []

    def starts_word(self, index):
        return self.kinds[self.text[index]] in ("letter", "digit")

    def follows_word(self, index):
        before = self.text[index - 1]
        return before in LETTERS or before in DIGITS or before >= "\x80"

    def is_name(self, index):
        return self.text[index] == "_" or self.starts_word(index)

    def end_word(self):
        if self.word:
            self.words.append(self.word)
            self.word = ""

    def append_word(self, word):
        self.end_word()
        self.words.append(word)
