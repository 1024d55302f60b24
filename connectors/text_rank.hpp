/// Picks the sentences that say the most of a text: TextRank, deterministic, without weights.
///
/// R. Mihalcea and P. Tarau, "TextRank: Bringing Order into Text", EMNLP 2004, section 5: sentences vote for the sentences they
/// share words with, similarity = common words / (log words of one + log words of the other), votes run as PageRank with d = 0.85.
/// Ours differs in two points: a word counts once in a sentence, and 1 is added below the line, where two one-word sentences
/// would divide by zero.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace steward {

/// The sentences of a text, in order, white space folded. A line break between list items and a blank line end a sentence;
/// so do . ! ? … before white space, save behind an abbreviation ("e.g.", "Dr.") or a single letter.
std::vector<std::string> sentences_of(std::string_view text);

/// The `count` sentences with the highest rank, in the order of the text. Of sentences that say the same words one is kept.
/// Only the first `text_rank_sentences_max` sentences are weighed. Where none holds a word of weight, the first is given.
std::vector<std::string> text_rank(const std::vector<std::string>& sentences, std::size_t count);

inline constexpr std::size_t text_rank_sentences_max = 400;  // The graph has the square of it: 160,000 pairs take some milliseconds.

/// Lower case for ASCII and the Latin-1 letters (Ü to ü); other letters stay as they are.
std::string folded_case(std::string_view utf8);

/// The words of a text in lower case: runs of letters and digits of two bytes or more.
std::vector<std::string> words_of_text(std::string_view text);

}  // namespace steward
