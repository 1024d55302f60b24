#include "connectors/text_rank.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>

namespace steward {
namespace {

constexpr double damping = 0.85;     // Brin and Page 1998; Mihalcea and Tarau use the same
constexpr int rounds_max = 50;       // 0.85^50 = 0.0003: what is left to move is below what the ranking can see
constexpr double settled = 0.0001;   // the threshold of the paper
constexpr std::size_t sentence_bytes_max = 2000;  // A "sentence" beyond that is a table or an attack; its front is weighed.

// Words that every text is full of; sentences that share only these have nothing in common. English and German.
constexpr std::array stop_words{
    "about", "after", "all", "also", "am",    "an",    "and",   "any",   "are",  "as",   "at",    "be",   "been",  "but",   "by",   "can",   "could", "did",  "do",
    "does",  "for",   "from", "had", "has",   "have",  "he",    "her",   "him",  "his",  "how",   "if",   "in",    "into",  "is",   "it",    "its",   "may",  "me",
    "more",  "my",    "no",  "not",  "now",   "of",    "on",    "one",   "only", "or",   "our",   "out",  "over",  "she",   "so",   "some",  "such",  "than", "that",
    "the",   "their", "them", "then", "there", "these", "they", "this",  "those", "to",  "up",    "us",   "was",   "we",    "were", "what",  "when",  "which", "who",
    "will",  "with",  "would", "you", "your", "aber",  "als",   "am",    "auch", "auf",  "aus",   "bei",  "bin",   "das",   "dass", "dem",   "den",   "der",  "des",
    "die",   "du",    "ein", "eine", "einem", "einen", "einer", "er",    "es",   "für",  "hat",   "ich",  "ihr",   "im",    "ist",  "kann",  "mit",   "nach", "nicht",
    "noch",  "nur",   "oder", "sich", "sie",  "sind",  "so",    "um",    "und",  "uns",  "von",   "vor",  "war",   "was",   "wie",  "wir",   "wird",  "zu",   "zum", "zur"};

// Behind these a full stop ends no sentence.
constexpr std::array abbreviations{"e.g", "i.e", "etc", "vs", "cf", "dr", "mr", "mrs", "ms", "prof", "st", "no", "approx", "z.b", "d.h", "u.a", "bzw", "ca", "nr"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool ends_in_abbreviation(std::string_view sentence) {  // without its full stop
  auto from = sentence.find_last_of(" (");
  from = from == sentence.npos ? 0 : from + 1;
  const auto last = folded_case(sentence.substr(from));
  return last.size() == 1 || std::find(abbreviations.begin(), abbreviations.end(), last) != abbreviations.end();
}

/// "- item", "* item", "+ item", "1. item", "# heading", "> quote": the length of the mark, or 0.
std::size_t list_mark(std::string_view line) {
  std::size_t at = 0;
  if (line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ") || line.starts_with("> ")) return 2;
  while (at < line.size() && line[at] == '#') ++at;
  if (at > 0 && at <= 6 && at < line.size() && line[at] == ' ') return at + 1;
  at = 0;
  while (at < line.size() && at < 4 && line[at] >= '0' && line[at] <= '9') ++at;
  if (at > 0 && at + 1 < line.size() && (line[at] == '.' || line[at] == ')') && line[at + 1] == ' ') return at + 2;
  return 0;
}

/// The full sentences in one paragraph on one line.
void cut_paragraph(std::string_view text, std::vector<std::string>& out) {
  std::size_t from = 0;
  const auto take = [&](std::size_t to) {
    while (from < to && text[from] == ' ') ++from;
    while (to > from && text[to - 1] == ' ') --to;
    if (to > from) out.emplace_back(text.substr(from, to - from));
    from = to;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    std::size_t end = i + 1;
    while (end < text.size() && (text[end] == '.' || text[end] == '!' || text[end] == '?' || text[end] == '"' || text[end] == ')' || text[end] == '\'')) ++end;
    if (end < text.size() && text[end] != ' ') {
      i = end - 1;
      continue;
    }
    if (text[i] == '.' && end == i + 1 && ends_in_abbreviation(text.substr(from, i - from)) && end < text.size()) continue;
    take(end);
    i = end - 1;
  }
  take(text.size());
}

}  // namespace

std::string folded_case(std::string_view utf8) {
  std::string out(utf8);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c >= 'A' && c <= 'Z') out[i] = static_cast<char>(c + 32);
    // U+00C0 to U+00DE, without the multiplication sign U+00D7, are C3 80 to C3 9E; their small letters stand 32 further.
    if (c == 0xc3 && i + 1 < out.size()) {
      const auto next = static_cast<unsigned char>(out[i + 1]);
      if (next >= 0x80 && next <= 0x9e && next != 0x97) out[i + 1] = static_cast<char>(next + 32);
      ++i;
    }
  }
  return out;
}

std::vector<std::string> words_of_text(std::string_view text) {
  const auto folded = folded_case(text);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < folded.size();) {
    while (at < folded.size() && !is_letter(folded[at])) ++at;
    const auto from = at;
    while (at < folded.size() && is_letter(folded[at])) ++at;
    if (at - from >= 2) words.push_back(folded.substr(from, at - from));
  }
  return words;
}

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> out;
  std::string paragraph;
  const auto close = [&] {
    cut_paragraph(paragraph, out);
    paragraph.clear();
  };
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    const auto mark = list_mark(line);
    if (line.empty() || mark > 0) close();
    line.remove_prefix(mark);
    for (const char c : line) {
      const char put = is_blank(c) ? ' ' : c;
      if (put == ' ' && (paragraph.empty() || paragraph.back() == ' ')) continue;
      paragraph += put;
    }
    if (!paragraph.empty() && paragraph.back() != ' ') paragraph += ' ';
  }
  close();
  return out;
}

std::vector<std::string> text_rank(const std::vector<std::string>& sentences, std::size_t count) {
  static const std::set<std::string_view> stops(stop_words.begin(), stop_words.end());
  std::map<std::string, std::uint32_t> numbers;
  std::vector<std::vector<std::uint32_t>> words;  // per kept sentence: sorted numbers of its different words
  std::vector<std::size_t> kept;                  // indices of sentences that say something of their own
  std::set<std::vector<std::uint32_t>> said;
  for (std::size_t i = 0; i < std::min(sentences.size(), text_rank_sentences_max); ++i) {
    std::vector<std::uint32_t> mine;
    for (auto& word : words_of_text(std::string_view(sentences[i]).substr(0, sentence_bytes_max)))
      if (!stops.contains(word)) mine.push_back(numbers.emplace(std::move(word), std::uint32_t(numbers.size())).first->second);
    std::sort(mine.begin(), mine.end());
    mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
    if (mine.empty() || !said.insert(mine).second) continue;
    kept.push_back(i);
    words.push_back(std::move(mine));
  }
  const auto n = kept.size();
  // Nothing to weigh ("It is what it is."): the beginning stands for the whole.
  if (n == 0) return {sentences.begin(), sentences.begin() + std::ptrdiff_t(std::min({count, sentences.size(), std::size_t{1}}))};

  std::vector<double> weight(n * n, 0.0), out_sum(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      std::size_t common = 0;
      for (auto a = words[i].begin(), b = words[j].begin(); a != words[i].end() && b != words[j].end();) {
        if (*a == *b) ++common, ++a, ++b;
        else if (*a < *b) ++a;
        else ++b;
      }
      if (common == 0) continue;
      // log 1 = 0: two one-word sentences with the same word were dropped above as twins, and the 1 keeps the sum off zero.
      const double similarity = double(common) / (1.0 + std::log(double(words[i].size())) + std::log(double(words[j].size())));
      weight[i * n + j] = weight[j * n + i] = similarity;
      out_sum[i] += similarity;
      out_sum[j] += similarity;
    }
  std::vector<double> score(n, 1.0), next(n);
  for (int round = 0; round < rounds_max; ++round) {
    double moved = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double votes = 0;
      for (std::size_t j = 0; j < n; ++j)
        if (weight[j * n + i] > 0) votes += weight[j * n + i] / out_sum[j] * score[j];
      next[i] = (1 - damping) + damping * votes;
      moved = std::max(moved, std::abs(next[i] - score[i]));
    }
    score.swap(next);
    if (moved < settled) break;
  }

  // Millionths, so that the last bit of a machine's logarithm decides nothing; equal ranks go to the earlier sentence.
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return std::llround(score[a] * 1e6) > std::llround(score[b] * 1e6); });
  order.resize(std::min(count, n));
  std::sort(order.begin(), order.end());
  std::vector<std::string> chosen;
  for (const auto i : order) chosen.push_back(sentences[kept[i]]);
  return chosen;
}

}  // namespace steward
