"""The tokenizer `twitter`."""

import re

from .tokenizer import CAPITALS, DIGITS, LETTERS, Tokenizer


class TwitterTokenizer(Tokenizer):
    """The preprocessing of the GloVe vectors of tweets: replacements, then splitting."""

    _MARKERS = (
        "<url>", "<user>", "<smile>", "<lolface>", "<sadface>", "<neutralface>", "<heart>",
        "<number>", "<hashtag>", "<allcaps>", "<repeat>", "<elong>")
    _MOUTHS = {"d": "<smile>", ")": "<smile>", "(": "<sadface>", "p": "<lolface>",
               "|": "<neutralface>", "l": "<neutralface>", "*": "<neutralface>"}
    _MIRRORED_MOUTHS = {"d": "<smile>", "(": "<smile>", ")": "<sadface>"}
    _EYES = frozenset("8:=;")
    _NOSES = frozenset("'`-")

    def __init__(self, characters):
        super().__init__(characters)
        # A rule is tried where a character begins that its pattern matches. It returns the
        # replacement and where the replaced part ends, or nothing.
        self._rules = [(re.compile(pattern), rule) for pattern, rule in [
            ("[hwHW]", self._address), ("/", self._slash), ("@", self._user),
            ("[8:=;()dD]", self._emoticon), ("<", self._heart), (r"[-+.0-9]", self._number),
            ("#", self._hashtag), ("[!?.]", self._repetition), ("[a-zA-Z]", self._elongation),
            ("[A-Z]", self._capitals)]]

    def tokenize(self, text):
        for pattern, rule in self._rules:
            text = self._rewritten(text, pattern, rule)
        self.begin(text)
        while self.position < self.count:
            length = self._marker_length(self.position)
            if length:
                self.append_word(self.lower[self.position:self.position + length])
                self.position += length
            else:
                self._copy_character(self.text[self.position])
                self.position += 1
        self.end_word()
        return self.words

    def _rewritten(self, text, pattern, rule):
        self.begin(text)
        parts, copied, start = [], 0, pattern.search(text)
        while start:
            position = start.start()
            replaced = rule(position)
            if replaced:
                parts += [text[copied:position], replaced[0]]
                copied = position = replaced[1]
            else:
                position += 1
            start = pattern.search(text, position)
        return "".join(parts) + text[copied:]

    def _copy_character(self, character):
        kind = self.kinds[character]
        joins = bool(self.word) and self._joins_word(self.position)
        if kind in ("letter", "digit"):
            self.word += self.lowercased(character)
        elif kind == "space":
            self.end_word()
        elif kind == "apostrophe":
            if joins:
                self.word += "'"
            else:
                self.append_word("'")
        elif kind == "quote":
            self.append_word('"')
        elif kind == "punctuation" and (joins or character == "_"):
            self.word += character
        elif kind != "invisible":
            self.append_word(self.lowercased(character))

    def _marker_length(self, index):
        if self.text[index] == "<":
            for marker in self._MARKERS:
                if self.lower.startswith(marker, index):
                    return len(marker)
        return 0

    def _joins_word(self, index):
        character = self.text[index]
        return ((character == "-" or self.kinds[character] == "apostrophe")
                and self.follows_word(index) and self.starts_word(index + 1))

    # Rules

    def _address(self, start):
        is_host = self.lower.startswith("www.", start) and self.starts_word(start + 4)
        if (not is_host and not self.lower.startswith(("http://", "https://"), start)
                or self.follows_word(start)):
            return None
        end = start
        while self.text[end] > " " and self.kinds[self.text[end]] != "space":
            end += 1
        while end > start and not self.follows_word(end) and self.text[end - 1] != "/":
            end -= 1
        return "<url>", end

    def _slash(self, start):
        return " / ", start + 1

    def _user(self, start):
        end = start + 1
        while self.is_name(end):
            end += 1
        return ("<user>", end) if end > start + 1 else None

    def _emoticon(self, start):
        if self.follows_word(start) and not self._is_plain_face(start):
            return None
        return self._face(start) or self._mirrored_face(start)

    def _is_plain_face(self, start):
        nose = 1 if self.text[start + 1] in self._NOSES else 0
        return self.text[start] == ":" and self.text[start + 1 + nose] in ("(", ")")

    def _face(self, start):
        if self.text[start] not in self._EYES:
            return None
        mouth = start + (2 if self.text[start + 1] in self._NOSES else 1)
        if self.text.startswith(" /", mouth):  # The rule for slashes has inserted the space.
            return "<neutralface>", mouth + 2
        marker = self._MOUTHS.get(self.lower[mouth])
        end = self._end_of_run(mouth) if marker else mouth
        return (marker, end) if marker and not self.starts_word(end) else None

    def _mirrored_face(self, start):
        marker, end = self._MIRRORED_MOUTHS.get(self.lower[start]), self._end_of_run(start)
        if self.text[end] in self._NOSES:
            end += 1
        is_face = marker and self.text[end] in self._EYES and not self.starts_word(end + 1)
        return (marker, end + 1) if is_face else None

    def _end_of_run(self, start):
        end = start + 1
        while self.lower[end] == self.lower[start]:
            end += 1
        return end

    def _heart(self, start):
        is_heart = self.text[start + 1] == "3" and self.text[start + 2] not in DIGITS
        return ("<heart>", start + 2) if is_heart else None

    def _number(self, start):
        end = start
        if self.text[end] in ("-", "+"):
            if self.follows_word(end):
                return None
            end += 1
        if self.text[end] == ".":
            end += 1
        if self.text[end] not in DIGITS:
            return None
        while (self.text[end] in DIGITS
               or self.text[end] in (":", ",", ".") and self.text[end + 1] in DIGITS):
            end += 1
        return "<number>", end

    def _hashtag(self, start):
        end = start + 1
        while self.is_name(end) or self._marker_length(end):
            end += max(1, self._marker_length(end))
        if end == start + 1:
            return None
        if self._is_all_capitals(start + 1, end):
            return "<hashtag> " + self.lower[start + 1:end] + " <allcaps>", end
        body = ""
        for index in range(start + 1, end):
            if (self.text[index] in CAPITALS and index > start + 1
                    and self.text[index - 1] not in CAPITALS):
                body += " "
            body += self.text[index]
        return "<hashtag> " + body, end

    def _repetition(self, start):
        end = start
        while self.text[end] in ("!", "?", "."):
            end += 1
        return (self.text[end - 1] + " <repeat>", end) if end - start > 1 else None

    def _elongation(self, start):
        if self.follows_word(start):
            return None
        body, index, is_elongated = "", start, False
        while self.text[index] in LETTERS:
            end = self._end_of_run(index)
            is_long = end - index > 2
            is_elongated = is_elongated or is_long
            body += self.text[index:index + 1 if is_long else end]
            index = end
        return (body + " <elong>", index) if is_elongated else None

    def _capitals(self, start):
        if self.follows_word(start):
            return None
        end = start
        while self.starts_word(end) or self._joins_word(end):
            end += 1
        if not self.text[start:end].isascii() or not self._is_all_capitals(start, end):
            return None
        return self.lower[start:end] + " <allcaps>", end

    def _is_all_capitals(self, start, end):
        letters = [character for character in self.text[start:end] if character in LETTERS]
        return len(letters) > 1 and all(letter in CAPITALS for letter in letters)
