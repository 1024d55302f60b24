/// Draws the cards of the inbox. A card reads in ten seconds: what will happen and to whom, why you are asked, on what
/// evidence, what it costs, how to undo it, what happens if nobody answers, and the commands. Pure: JSON of a view in, text out.
#pragma once
#include <string>

#include "console/terminal.hpp"
#include "runtime/clock.hpp"
#include "runtime/json.hpp"

namespace steward {

/// The list of the view `inbox`: a few lines each.
std::string inbox_text(const json& cards, time_point now, const paint& p);

/// One card of the view `inbox` or `card`. `whole` shows previews and evidence to their end.
std::string card_text(const json& card, time_point now, const paint& p, bool whole);
/// One of the view `approval`.
std::string approval_text(const json& approval, time_point now, const paint& p, bool whole);

/// The commands that decide an open approval, a line each; every one works as it is printed.
std::string ways_to_decide(const json& approval, const paint& p);

/// What changed between the arguments of an effect before and after, line by line.
std::string arguments_diff(const json& before, const json& after, const paint& p);

/// A value for people: maps as "key: value" lines, lists as "- item", texts quoted with what they hide written out.
std::string readable(const json& value, std::string_view indent, std::size_t lines_at_most);

}  // namespace steward
