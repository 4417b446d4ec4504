import Testing

@testable import Tokenization
@testable import VocabularyBuilding

/// The rules of `ptb`, a table a topic: a text, and its tokens with a space between them.
struct PennTreebankTokenizerTests {
  static let common: [(String, String)] = [
    // Clitics.
    ("I don't know", "i do n't know"),
    ("can't won't ain't SHAN'T", "ca n't wo n't ai n't sha n't"),
    ("it's I'm you're we've he'll she'd", "it 's i 'm you 're we 've he 'll she 'd"),
    ("shouldn't've", "should n't 've"),
    ("the dogs' bowl", "the dogs ' bowl"),
    ("it 's cut , do n't", "it 's cut , do n't"),
    ("don’t it’s", "do n't it 's"),
    ("n't", "n't"),
    ("cannot gonna", "cannot gonna"),
    // Punctuation.
    ("Good, bad; so: (yes) [no] {ok}!", "good , bad ; so : ( yes ) [ no ] { ok } !"),
    ("\"Hi\" she said.", "\" hi \" she said ."),
    ("“Hi” ‘there’", "\" hi \" ' there '"),
    ("well... hmm.. no…yes", "well ... hmm ... no ... yes"),
    ("wow!!!!!!!!", "wow ! ! !"),
    ("what?!", "what ? !"),
    ("******", "* * *"),
    ("a/b", "a / b"),
    ("_really_", "_ really _"),
    ("AT&T 50% $9.99", "at & t 50 % $ 9.99"),
    // Numbers.
    ("1,000,000.50 3.5mm 1980s 60's", "1,000,000.50 3.5mm 1980s 60 's"),
    ("yes,no 1, 2", "yes , no 1 , 2"),
    ("at 7:30", "at 7 : 30"),
    // Hyphens.
    ("sci-fi 12-year-old -5 well-", "sci-fi 12-year-old - 5 well -"),
    // Points between words, and hosts.
    ("The end.I left it.i", "the end . i left it . i"),
    ("yelp.com IMDb.com.", "yelp.com imdb.com ."),
    ("it.community", "it . community"),
    // Addresses.
    (
      "see http://a.b/C?d=1, or (www.x.org/y).",
      "see http://a.b/c?d=1 , or ( www.x.org/y ) ."
    ),
    ("https://t.co/Ab12…", "https://t.co/ab12 ..."),
    ("www what http", "www what http"),
    // Emoticons.
    (":) :-( ;) =D :P :'( (: :/ :| D:", ":) :-( ;) =d :p :'( (: :/ :| d :"),
    ("great:) :)))))", "great :) :)"),
    ("<3 <333 </3 3<4 <30", "<3 <3 </3 3 < 4 < 30"),
    ("^_^ -_- >.< ^^", "^_^ -_- >.< ^^"),
    ("10:30 ratio=3 a:b (see:this) x:d", "10 : 30 ratio = 3 a : b ( see : this ) x : d"),
    ("ftp://x", "ftp : / / x"),
    // Tags and names.
    ("#happy #LoveThis #two_words #1", "# happy # love this # two words # 1"),
    ("@anna, @Bob_99!", "@ , @ !"),
    ("me@x.com # @ ", "me @ x.com # @"),
    // Emoji: each is a token; what only varies or joins them is nothing.
    ("😂😂 ok❤️", "😂 😂 ok ❤"),
    ("👍🏽", "👍 🏽"),
    ("👩‍👧", "👩 👧"),
    // Lower case beyond ASCII.
    ("CAFÉ Ünder ΑΘΉΝΑ Škoda", "café ünder αθήνα škoda"),
    ("İ ẞ", "i̇ ß"),
    ("日本 русский", "日本 русский"),
    ("", ""),
    ("   \t\n ", ""),
  ]

  @Test(arguments: common)
  func `text becomes these tokens in either style`(text: String, tokens: String) {
    for style in Tokenizer.Punctuation.allCases {
      let found = Tokenizer(.ptb, punctuation: style).tokens(of: text).joined(separator: " ")
      #expect(Array(found.utf8) == Array(tokens.utf8), "\(style): \(found)")
    }
  }

  @Test(arguments: [
    ("Mr. Smith", "mr. smith", "mr . smith"),
    ("J. K. Doe, plan b.", "j. k. doe , plan b .", "j . k . doe , plan b ."),
    ("So do I.", "so do i .", "so do i ."),
    ("the U.S. e.g. p.m", "the u.s. e.g. p.m", "the u.s . e.g . p.m"),
    ("vs. etc. Dr. Who", "vs. etc . dr. who", "vs . etc . dr . who"),
    ("Mr...", "mr ...", "mr ..."),
    ("wait -- no ---- yes", "wait -- no -- yes", "wait - - no - - yes"),
    ("word--word", "word -- word", "word - - word"),
    ("9/11 1/2 7.5/10 1/2x", "9/11 1/2 7.5 / 10 1 / 2x", "9 / 11 1 / 2 7.5 / 10 1 / 2x"),
    ("O'Brien y'all rock'n'roll", "o'brien y'all rock'n'roll", "o ' brien y ' all rock ' n ' roll"),
  ])
  func `vectors of Stanford's cutting keep more marks inside words`(
    text: String, stanford: String, apart: String
  ) {
    let join = { (style: Tokenizer.Punctuation) in
      Tokenizer(.ptb, punctuation: style).tokens(of: text).joined(separator: " ")
    }
    #expect(join(.stanford) == stanford)
    #expect(join(.apart) == apart)
  }

  @Test func `hashtags stay whole when they shall not be split`() {
    let tokenizer = Tokenizer(.ptb, splitsHashtags: false)
    #expect(tokenizer.tokens(of: "#LoveThis #a_b # c") == ["#lovethis", "#a_b", "#", "c"])
  }

  @Test func `user names stay when they are asked for`() {
    let whole = Tokenizer(.ptb, punctuation: .stanford, keepsUserNames: true)
    #expect(whole.tokens(of: "@Anna_1 hi") == ["@anna_1", "hi"])
    let apart = Tokenizer(.ptb, punctuation: .apart, keepsUserNames: true)
    #expect(apart.tokens(of: "@Anna_1 hi") == ["@", "anna_1", "hi"])
  }
}
