#include "connectors/local_model_rules.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

namespace {
constexpr auto prompt = R"(Say what kind of mail this is.

## labels
# money first: an invoice that asks a question is still an invoice
invoice: /invoice\s+(no\.?)?\s*\d+/, "payment due"
spam: lottery, casino
inquiry: price, offer, Überblick, "how much"
other: *
)";
}

TEST_CASE("label_rules give the first label that fits and say why") {
  const auto rules = label_rules::parse(prompt, "triage").value();
  CHECK(rules.labels() == std::vector<std::string>{"invoice", "spam", "inquiry", "other"});
  struct row {
    std::string text, label, because;
  };
  const row table[] = {
      {"Please pay INVOICE no. 42, what is the price?", "invoice", "line 5: the text fits /invoice\\s+(no\\.?)?\\s*\\d+/"},
      {"The payment is due.", "other", "line 8: no other rule fits"},
      {"Payment   due\ntoday", "invoice", "line 5: the text holds 'payment due'"},
      {"Win the Lottery!", "spam", "line 6: the text holds 'lottery'"},
      {"How much is it?", "inquiry", "line 7: the text holds 'how much'"},
      {"einen ÜBERBLICK bitte", "inquiry", "line 7: the text holds 'Überblick'"},
      {"priceless", "other", "line 8: no other rule fits"},
      {"", "other", "line 8: no other rule fits"},
      {"\xff\xfe price", "inquiry", "line 7: the text holds 'price'"},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto said = rules.judge({r.text});
    CHECK(said.label == r.label);
    CHECK(said.because == r.because);
  }
}

TEST_CASE("label_rules refuse a prompt that could leave a text without a label") {
  struct row {
    std::string text, sentence;
  };
  const row table[] = {
      {"", "no rule takes the texts that fit no keyword"},
      {"a: word", "Expected a last line such as 'other: *'"},
      {"other: *\na: word", "triage:2: a rule stands behind 'other: *'"},
      {"a:\nother: *", "triage:1: the label 'a' has no keyword"},
      {"Sort the mails\nother: *", "Put sentences for a language model above a heading '## labels'"},
      {"a: /(/\nother: *", "triage:1: the pattern /(/ can't be read"},
      {"a: /x\nother: *", "'/x' is never closed"},
      {"a: \"x\nother: *", "is never closed"},
      {"a: one,,two\nother: *", "a keyword is empty"},
      {"a: /x/ y\nother: *", "'y' stands behind a keyword"},
      {"a: !\nother: *", "holds no word of two letters or more"},
  };
  for (const auto& r : table) {
    CAPTURE(r.text);
    const auto rules = label_rules::parse(r.text, "triage");
    REQUIRE_FALSE(rules);
    CHECK(rules.error().code == "bad_prompt");
    CHECK_THAT(to_sentence(rules.error()), Catch::Contains(r.sentence));
  }
}

TEST_CASE("label_rules decide in linear time, whatever the pattern and the text are") {
  const auto rules = label_rules::parse("a: /^(a+)+$/\nother: *", "triage").value();
  CHECK(rules.judge({std::string(100'000, 'a') + "b"}).label == "other");
  CHECK(rules.judge({std::string(100'000, 'a')}).label == "a");
}
