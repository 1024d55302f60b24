#include "connectors/text_rank.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace steward;
using texts = std::vector<std::string>;

TEST_CASE("sentences_of cuts where a reader would") {
  struct row {
    std::string text;
    texts sentences;
  };
  const row table[] = {
      {"", {}},
      {" \n\n ", {}},
      {"One. Two! Three?", {"One.", "Two!", "Three?"}},
      {"It costs 3.50 EUR. Pay now.", {"It costs 3.50 EUR.", "Pay now."}},
      {"Use tools, e.g. a hammer. Done.", {"Use tools, e.g. a hammer.", "Done."}},
      {"Dr. Ada J. Lovelace came.", {"Dr. Ada J. Lovelace came."}},
      {"Wait... what? \"Yes.\" he said", {"Wait...", "what?", "\"Yes.\"", "he said"}},
      {"A line that\ngoes on.\n\nNext one", {"A line that goes on.", "Next one"}},
      {"# Heading\n- first\n- second one\n2. third", {"Heading", "first", "second one", "third"}},
      {"www.example.com/a.html is the page.", {"www.example.com/a.html is the page."}},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    CHECK(sentences_of(r.text) == r.sentences);
  }
}

TEST_CASE("text_rank puts the sentence that the others talk about first") {
  const texts sentences{"The weather was fine.", "The journal writes each event to disk.", "Each event in the journal has a digest.",
                        "The digest of an event chains the journal on disk.", "Lunch is at noon."};
  const auto one = text_rank(sentences, 1);
  REQUIRE(one.size() == 1);
  CHECK(one[0] == "Each event in the journal has a digest.");  // three words in common with either neighbour
}

TEST_CASE("text_rank keeps the order of the text and gives the same answer each time") {
  const texts sentences{"Parser accepts tabs now.", "Parser tests cover tabs and blanks.", "Docs moved.", "Blanks and tabs pass the parser tests."};
  const auto first = text_rank(sentences, 3);
  REQUIRE(first.size() == 3);
  CHECK(std::is_sorted(first.begin(), first.end(), [&](const auto& a, const auto& b) {
    return std::find(sentences.begin(), sentences.end(), a) < std::find(sentences.begin(), sentences.end(), b);
  }));
  for (int i = 0; i < 5; ++i) CHECK(text_rank(sentences, 3) == first);
}

TEST_CASE("text_rank drops the sentence that says the same words again") {
  CHECK(text_rank({"Release the parser.", "release the PARSER!", "Parser is fast."}, 5) == texts{"Release the parser.", "Parser is fast."});
  CHECK(text_rank({}, 3).empty());
  CHECK(text_rank({"It is what it is.", "!!!"}, 3) == texts{"It is what it is."});
  CHECK(text_rank({"Word."}, 0).empty());
}

TEST_CASE("text_rank stays bounded on a flood of sentences") {
  texts flood;
  for (int i = 0; i < 20'000; ++i) flood.push_back("word" + std::to_string(i) + " shared term " + std::string(i % 50, 'x'));
  const auto chosen = text_rank(flood, 3);
  REQUIRE(chosen.size() == 3);
  for (const auto& sentence : chosen) CHECK(std::find(flood.begin(), flood.begin() + long(text_rank_sentences_max), sentence) < flood.begin() + long(text_rank_sentences_max));
}

TEST_CASE("folded_case lowers umlauts and leaves other letters alone") {
  CHECK(folded_case("ÜBER Äpfel × Ω ß") == "über äpfel × Ω ß");
  CHECK(words_of_text("Don't: a B2 straße!") == texts{"don", "b2", "straße"});
}
