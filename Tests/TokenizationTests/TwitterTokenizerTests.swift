import Testing

@testable import Tokenization
@testable import VocabularyBuilding

/// The twitter rules, one after the other, and what depends on their order.
struct TwitterTokenizerTests {
  @Test(arguments: [
    // URL.
    ("see https://t.co/Ab1, ok", "see <url> , ok"),
    ("www.x.com/y HTTP://A.B", "<url> <url>"),
    // Slashes.
    ("either/or", "either / or"),
    // Users.
    ("@Bob_1: hi", "<user> : hi"),
    // Smileys.
    (":) :-) =D (: 8)", "<smile> <smile> <smile> <smile> <smile>"),
    (":p ;-P", "<lolface> <lolface>"),
    (":( :'( ):", "<sadface> <sadface> <sadface>"),
    (":/ :| :-*", "<neutralface> <neutralface> <neutralface>"),
    ("fun:) old: 18pm", "fun <smile> old : <number> pm"),
    // Hearts.
    ("<3 you", "<heart> you"),
    // Numbers.
    ("1,000.50 -3 7:30 2nd", "<number> <number> <number> <number> nd"),
    // Hashtags.
    ("#tag #Tag #OneTwo", "<hashtag> tag <hashtag> tag <hashtag> one two"),
    ("#ALL", "<hashtag> all <allcaps>"),
    ("#WIN2018", "<hashtag> win <allcaps> <number>"),
    // Repeated punctuation.
    ("no!!! why?? hm... what?!", "no ! <repeat> why ? <repeat> hm . <repeat> what ! <repeat>"),
    // Elongation.
    ("waaay sooo good", "way <elong> so <elong> good"),
    // Capitals.
    ("STOP it I SAID", "stop <allcaps> it i said <allcaps>"),
    ("DON'T USA's", "don't <allcaps> usa's"),
    // Words of these vectors.
    ("I'm don't e-mail “hi” it’s", "i'm don't e-mail \" hi \" it's"),
    ("😂😂 CAFÉ", "😂 😂 café"),
  ])
  func `each rule rewrites what it is for`(text: String, tokens: String) {
    #expect(Tokenizer(.twitter).tokens(of: text).joined(separator: " ") == tokens)
  }

  @Test(arguments: [
    // Were slashes or numbers first, no address would be left to see.
    ("http://a.b/12", "<url>"),
    // Were numbers first, the heart and the face with eyes of 8 would be numbers.
    ("<3 8)", "<heart> <smile>"),
    // Were hashtags first, the number in the tag would be lost in the tag.
    ("#top10", "<hashtag> top <number>"),
    // Were capitals first, tags and names would be taken for shouting.
    ("#LOL @NASA", "<hashtag> lol <allcaps> <user>"),
    // Elongation first, then capitals: the markers stand in reverse order.
    ("WAAAY", "way <allcaps> <elong>"),
    // Lower case last: capitals are gone only when nobody needs them.
    ("Ok WOW", "ok wow <allcaps>"),
  ])
  func `the order of the rules matters and is the published one`(text: String, tokens: String) {
    #expect(Tokenizer(.twitter).tokens(of: text).joined(separator: " ") == tokens)
  }

  @Test func `there are ten rules and every marker is written by one of them`() {
    let text = "http://a.b/c @u :) :p :( :| <3 5 #A !! wayyy NO"
    let tokens = Set(Tokenizer(.twitter).tokens(of: text))
    #expect(TwitterTokenizer.rules.count == 10)
    for marker in TwitterTokenizer.markers { #expect(tokens.contains("\(marker)")) }
  }
}
