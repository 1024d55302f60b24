#include "runtime/text_difference.hpp"

#include "runtime/random.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

std::string told(std::string from, const text_difference& pieces) {
  REQUIRE(rewrite(from, pieces));
  return from;
}

std::size_t bytes_of(const text_difference& pieces) {
  std::size_t sum = 0;
  for (const auto& p : pieces) sum += p.text.size();
  return sum;
}

std::string chance_text(random_source& random, std::size_t size) {
  static const std::string letters = "abcdefghijklmnopqrstuvwxyz ";
  std::string text;
  while (text.size() < size) text += letters[random.next() % letters.size()];
  return text;
}

}  // namespace

TEST_CASE("a text that grew at its end is told by its end alone") {
  const auto random = make_seeded_random(1);
  const auto before = chance_text(*random, 20'000), more = chance_text(*random, 500);
  const auto pieces = difference(before + "]}", before + more + "]}");
  REQUIRE(pieces.size() == 1);
  CHECK(pieces.front().size == 20'000);
  CHECK(pieces.front().text == more + "]}");
  CHECK(told(before + "]}", pieces) == before + more + "]}");
}

TEST_CASE("a text into which an answer was put that the other text ends with is told without the answer") {
  const auto random = make_seeded_random(2);
  const auto history = chance_text(*random, 10'000), answer = chance_text(*random, 2'000), question = chance_text(*random, 300);
  const auto from = history + "\"]}" + "{\"text\":\"" + answer + "\"}";
  const auto to = history + "\",\"they: " + answer + "\",\"we: " + question + "\"]}";
  const auto pieces = difference(from, to);
  CHECK(bytes_of(pieces) < question.size() + 40);
  CHECK(told(from, pieces) == to);
}

TEST_CASE("a window that moves over a text is told by what came into it") {
  const auto random = make_seeded_random(3);
  const auto text = chance_text(*random, 30'000);
  const auto pieces = difference(text.substr(0, 20'000), text.substr(3'000, 20'000));
  CHECK(bytes_of(pieces) < 3'100);
  CHECK(told(text.substr(0, 20'000), pieces) == text.substr(3'000, 20'000));
}

TEST_CASE("pieces end between characters") {
  std::string from, to;
  for (int i = 0; i < 200; ++i) from += "é", to += i % 50 == 20 ? "è" : "é";  // the same first byte
  const auto pieces = difference(from + std::string(60, 'x'), to + std::string(60, 'x'));
  for (const auto& p : pieces) CHECK((p.text.empty() || (static_cast<unsigned char>(p.text.front()) & 0xC0) != 0x80));
  CHECK(told(from + std::string(60, 'x'), pieces) == to + std::string(60, 'x'));
}

TEST_CASE("any text is told in terms of any other") {
  const auto seed = GENERATE(range(1u, 200u));
  CAPTURE(seed);
  const auto random = make_seeded_random(seed);
  std::string from = chance_text(*random, random->next() % 3000), to;
  while (random->next() % 6 != 0) {  // slices of it, in any order, and new text
    if (from.empty() || random->next() % 3 == 0) to += chance_text(*random, random->next() % 200);
    else to += from.substr(random->next() % from.size(), random->next() % 400);
  }
  CHECK(told(from, difference(from, to)) == to);
}

TEST_CASE("pieces that take what is not there are refused") {
  for (const auto& wrong : {text_piece{0, 5, ""}, text_piece{-1, 2, ""}, text_piece{3, 2, ""}, text_piece{2, -1, ""}, text_piece{1, INT64_MAX, ""}}) {
    std::string text = "four";
    CHECK_FALSE(rewrite(text, {wrong}));
    CHECK(text.empty());
  }
}
