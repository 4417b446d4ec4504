"""The tokenizer `ptb`."""

import re

from .tokenizer import CAPITALS, DIGITS, LETTERS, Tokenizer


class PennTreebankTokenizer(Tokenizer):
    """The rules of the Stanford Penn Treebank tokenizer, lower-cased."""

    _RUN = re.compile("[a-z0-9]*")
    _MOUTHS = frozenset(")(][}{/\\|*3dDpPoOsS")
    _FLAT_FACES = ("^_^", "^.^", "-_-", "-.-", ">_<", ">.<")
    _ABBREVIATIONS = {
        2: ("mr", "ms", "dr", "st", "jr", "sr", "vs", "co"),
        3: ("mrs", "inc", "ltd", "sgt", "rev", "gen"),
        4: ("prof", "capt", "corp"),
    }

    def __init__(self, characters, settings):
        super().__init__(characters)
        self.is_stanford = settings["tokenizer.punctuation"] == "stanford"
        self.splits_hashtags = settings["tokenizer.split-hashtags"] == "true"
        self.keeps_user_names = settings["tokenizer.user-names"] == "true"

    def tokenize(self, text):
        self.begin(text)
        while self.position < self.count:
            character = self.text[self.position]
            kind = self.kinds[character]
            if kind in ("letter", "digit"):
                self._read_word()
            elif kind == "apostrophe":
                self._leading_apostrophe()
            elif kind == "punctuation":
                self._punctuation()
            else:
                if kind == "quote":
                    self.append_word('"')
                elif kind == "ellipsis":
                    self.append_word("...")
                elif kind == "symbol":
                    self.append_word(self.lowercased(character))
                self.position += 1
        self.end_word()
        return self.words

    def _copy(self, count):
        self.word += self.lower[self.position:self.position + count]
        self.position += count

    def _copy_character(self):
        self.word += self.lowercased(self.text[self.position])
        self.position += 1

    def _copy_word(self, count, end):
        self._copy(count)
        self.end_word()
        self.position = end
        return True

    def _skip(self, character):
        while self.text[self.position] == character:
            self.position += 1

    def _read_word(self):
        if self._address():
            return
        while True:
            run = self._RUN.match(self.lower, self.position)
            self.word += run.group()
            self.position = run.end()
            if not self._continues_word():
                break
        self.end_word()

    def _continues_word(self):
        character = self.text[self.position]
        after = self.position + 1
        if character == "-":
            return self._join(self.starts_word(after))
        if character == ".":
            return self._period()
        if character == ",":
            return self._join(self.word[-1:] in DIGITS and self.text[after] in DIGITS)
        if character == "/":
            return self._join(self.is_stanford and self._is_fraction())
        if character == "'":
            return self._apostrophe()
        if character < "\x80":
            return False
        kind = self.kinds[character]
        if kind == "letter":
            self._copy_character()
        elif kind == "invisible":
            self.position += 1
        else:
            return kind == "apostrophe" and self._apostrophe()
        return True

    def _join(self, condition):
        if condition:
            self._copy(1)
        return condition

    def _is_fraction(self):
        start, end = self.position - len(self.word), self.position + 1
        if start < max(0, self.position - 4) or not set(self.text[start:self.position]) <= DIGITS:
            return False
        while self.text[end] in DIGITS:
            end += 1
        return 1 <= end - self.position - 1 <= 4 and not self.starts_word(end)

    def _apostrophe(self):
        after = self.position + 1
        clitic = self._clitic_length(after)
        if clitic == 0:
            if not self.is_stanford or not self.starts_word(after):
                return False
            self.word += "'"
            self.position = after
            return True
        if self.lower[after] == "t":
            if self.word[-1:] != "n":
                return False
            if len(self.word) > 1:
                self.words.append(self.word[:-1])
                self.word = "n"
        else:
            self.end_word()
        self.word += "'"
        self.position = after
        self._copy(clitic)
        return False

    def _leading_apostrophe(self):
        clitic = self._clitic_length(self.position + 1)
        self.word += "'"
        self.position += 1
        if clitic > 0 and self.lower[self.position] != "t":
            self._copy(clitic)
        self.end_word()

    def _clitic_length(self, index):
        if self.lower[index] in ("s", "m", "d", "t"):
            return 0 if self.starts_word(index + 1) else 1
        is_long = self.lower.startswith(("ll", "re", "ve"), index)
        return 2 if is_long and not self.starts_word(index + 2) else 0

    def _period(self):
        after = self.text[self.position + 1]
        if self.word[-1:] in DIGITS and after in DIGITS:
            return self._join(True)
        if after in LETTERS:
            is_initial = self._is_initial() and not self.starts_word(self.position + 2)
            return self._join(is_initial or self._is_top_level_domain(self.position + 1))
        if self.is_stanford and after != "." and self._is_abbreviation():
            self._copy(1)
        return False

    def _is_initial(self):
        return self.word[-1:] in LETTERS and (len(self.word) == 1 or self.word[-2] == ".")

    def _is_top_level_domain(self, index):
        return (self.lower.startswith(("com", "net", "org", "edu"), index)
                and not self.starts_word(index + 3))

    def _is_abbreviation(self):
        length = len(self.word.encode())
        if length == 1:
            return self.text[self.position - 1] in CAPITALS and self.word != "i"
        if self.word in self._ABBREVIATIONS.get(length, ()):
            return True
        return length not in (2, 4) and self._is_initial()

    def _address(self):
        if not self.lower.startswith(("http://", "https://", "www."), self.position):
            return False
        end = self.position
        while self._is_inside_address(self.text[end]):
            end += 1
        while self.text[end - 1] in ".,;:!?')]*":
            end -= 1
        while self.position < end:
            self._copy_character()
        self.end_word()
        return True

    def _is_inside_address(self, character):
        if character < "\x80":
            return character > " " and character not in "\x7F<>\""
        if character <= "\xBF":
            return self.kinds[character] == "letter"
        return not "\u2000" <= character <= "\u2FFF"

    def _punctuation(self):
        if self._emoticon():
            return
        character, after = self.text[self.position], self.position + 1
        if character == "." or character == "-" and self.is_stanford and self.text[after] == "-":
            self._periods_or_dashes(character)
        elif character == "-":
            self._marks(2)
        elif character == "#" and self.is_name(after):
            self._hashtag()
        elif character == "@" and self.is_name(after) and not self.follows_word(self.position):
            self._user_name()
        else:
            self._marks(3)

    def _periods_or_dashes(self, character):
        start = self.position
        self._skip(character)
        repeated = "..." if character == "." else "--"
        self.append_word(repeated if self.position > start + 1 else character)

    def _marks(self, limit):
        start, mark = self.position, self.text[self.position]
        self._skip(mark)
        for _ in range(min(self.position - start, limit)):
            self.append_word(mark)

    def _user_name(self):
        self._copy(1)
        if not (self.keeps_user_names and self.is_stanford):
            self.end_word()
        while self.is_name(self.position):
            if self.keeps_user_names:
                self._copy_character()
            else:
                self.position += 1
        self.end_word()

    def _hashtag(self):
        self._copy(1)
        while self.is_name(self.position):
            if self.splits_hashtags:
                if self.text[self.position] == "_":
                    self.end_word()
                    self.position += 1
                    continue
                before = self.text[self.position - 1]
                if before == "#" or (self.text[self.position] in CAPITALS
                                     and before in LETTERS and before not in CAPITALS):
                    self.end_word()
            self._copy_character()
        self.end_word()

    def _emoticon(self):
        character = self.text[self.position]
        if character in (":", ";", "="):
            return self._face(True) or self._face(False)
        if character == "(":
            return self._mirrored_face()
        if character == "<":
            return self._heart()
        return character in ("^", "-", ">") and self._flat_mouth_face()

    def _face(self, has_nose):
        mouth = self.position + 1
        if has_nose:
            if self.text[mouth] == "'":
                mouth += 1
            if self.text[mouth] in ("-", "^", "o", "O"):
                mouth += 1
            if mouth == self.position + 1:
                return False
        character, end = self.text[mouth], mouth + 1
        if character not in self._MOUTHS:
            return False
        while self.text[end] == character:
            end += 1
        if (self.starts_word(end) or character == "/" and end > mouth + 1
                or self.follows_word(self.position) and character not in ("(", ")")):
            return False
        return self._copy_word(mouth + 1 - self.position, end)

    def _mirrored_face(self):
        if (self.text[self.position + 1] not in (":", ";", "=")
                or self.follows_word(self.position) or self.text[self.position + 2] > " "):
            return False
        return self._copy_word(2, self.position + 2)

    def _heart(self):
        slash = 1 if self.text[self.position + 1] == "/" else 0
        end = self.position + 1 + slash
        if self.text[end] != "3":
            return False
        while self.text[end] == "3":
            end += 1
        return not self.starts_word(end) and self._copy_word(2 + slash, end)

    def _flat_mouth_face(self):
        if self.text.startswith("^^", self.position):
            return self._copy_word(2, self.position + 2)
        return (self.text.startswith(self._FLAT_FACES, self.position)
                and self._copy_word(3, self.position + 3))
