#include "console/cards.hpp"

#include <algorithm>
#include <map>

#include "console/groups.hpp"
#include "runtime/visible_text.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

constexpr std::size_t width = 100;             // What a terminal beside a browser still shows.
constexpr std::size_t preview_lines = 5;       // Of each effect on a short card: subject, recipient and the first words.
constexpr std::size_t effects_previewed = 3;   // Then one line each; `steward show` has them whole.
constexpr std::size_t evidence_lines = 6;
constexpr std::size_t label_width = 12;

const boost::json::array& list_at(const json& object, std::string_view key) {
  static const boost::json::array none;
  const auto* found = at_path(object, key);
  return found && found->is_array() ? found->get_array() : none;
}

std::string age(const json& object, std::string_view key, time_point now) {
  const auto t = parse_time(text_at(object, key));
  return t ? roughly((*t - now).count()) : std::string{};
}

/// "Label       text", wrapped behind the label.
std::string labelled(std::string_view label, std::string_view text, const paint& p) {
  const std::string indent(label_width + 2, ' ');
  auto body = wrapped(text, width - indent.size(), indent);
  if (body.size() <= indent.size()) return {};
  return "  " + p.dim(fmt::format("{:<{}}", label, label_width)) + body.substr(indent.size());
}

std::string first_line(const json& effect) {
  const auto preview = text_at(effect, "preview");
  auto line = preview.substr(0, preview.find('\n'));
  return line.empty() ? text_at(effect, "action") : line;
}

/// How many of which action: "1 site.publish, 3 mailbox.send".
std::string counted(const boost::json::array& effects) {
  std::vector<std::pair<std::string, int>> counts;
  for (const auto& e : effects) {
    const auto action = text_at(e, "action");
    const auto it = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == action; });
    if (it == counts.end()) counts.emplace_back(action, 1);
    else ++it->second;
  }
  std::string text;
  for (const auto& [action, n] : counts) text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", n, action);
  return text;
}

std::string what_happens(const boost::json::array& effects, const paint& p, bool whole) {
  std::string out;
  std::size_t i = 0;
  for (const auto& e : effects) {
    ++i;
    const auto head = fmt::format("{}. {}", i, shortened(first_line(e), width - 24));
    out += "  " + p.bold(head) + "  " + p.dim(text_at(e, "effect") + " " + text_at(e, "action")) + "\n";
    if (!whole && i > effects_previewed) continue;
    const auto preview = text_at(e, "preview");
    const auto rest = preview.find('\n') == std::string::npos ? std::string{} : preview.substr(preview.find('\n') + 1);
    out += quoted(rest, "     | ", whole ? 2000 : preview_lines, whole ? 0 : width - 7);
  }
  return out;
}

std::string why_asked(const boost::json::array& effects) {
  std::vector<std::string> seen;
  std::string text;
  const auto say = [&](std::string line) {
    if (line.empty() || std::find(seen.begin(), seen.end(), line) != seen.end()) return;
    text += (text.empty() ? "" : "\n") + line;
    seen.push_back(std::move(line));
  };
  for (const auto& e : effects) say(text_at(e, "why"));
  for (const auto& e : effects)
    for (const auto& ruling : list_at(e, "rulings"))
      if (text_at(ruling, "says") == "ask") say(text_at(ruling, "rule") + ": " + text_at(ruling, "because"));
  for (const auto& e : effects)
    for (const auto& ruling : list_at(e, "rulings"))
      if (text_at(ruling, "says") != "ask") say(text_at(ruling, "rule") + " says " + text_at(ruling, "says") + ": " + text_at(ruling, "because"));
  return text;
}

std::string sources(const boost::json::array& effects, const json* shows, bool whole) {
  std::vector<std::string> all;
  for (const auto& e : effects)
    for (const auto& source : list_at(e, "evidence"))
      if (source.is_string() && std::find(all.begin(), all.end(), source.get_string().c_str()) == all.end()) all.emplace_back(source.get_string());
  std::string text;
  std::size_t shown = 0;
  for (const auto& source : all) {
    if (!whole && shown == evidence_lines) {
      text += fmt::format("\n… {} more", all.size() - shown);
      break;
    }
    text += (text.empty() ? "" : "\n") + shortened(source, width - label_width - 4);
    ++shown;
  }
  if (shows && shows->is_object() && !shows->get_object().empty()) {
    std::string names;
    for (const auto& pair : shows->get_object()) names += (names.empty() ? "" : ", ") + std::string(pair.key());
    if (!whole) text += (text.empty() ? "" : "\n") + ("also: " + names);
  }
  return text;
}

std::string how_to_undo(const boost::json::array& effects) {
  std::vector<std::string> lines;
  for (const auto& e : effects) {
    const auto undo = text_at(e, "undo");
    auto line = undo.empty() || undo == "none" ? text_at(e, "action") + " can't be taken back" : undo + " takes " + text_at(e, "action") + " back";
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  }
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

/// What a yes to money, a contract or a page sets going, and how long it can still be stopped.
std::string how_long_held(const boost::json::array& effects, bool asked) {
  std::string text;
  for (const auto& e : effects)
    if (const auto length = text_at(e, "held_for"); asked && !length.empty()) {
      const auto risk = text_at(e, "risk");
      const auto what = risk == "money" ? "Money" : risk == "legal" ? "It binds you" : "Public";
      text += fmt::format("{}{}: it leaves {} after your yes; until then 'steward undo {}' takes it back", text.empty() ? "" : "\n", what, length, text_at(e, "effect"));
    }
  return text;
}

std::string if_nobody_answers(const json& approval, time_point now) {
  const auto at = text_at(approval, "expires_at");
  if (at.empty()) return "it waits; nothing happens";
  const auto then = text_at(approval, "if_expired");
  const auto words = then.empty() || then == "discard" ? std::string("it is discarded; nothing leaves")
                     : then == "ask_operator"          ? std::string("the step stops and asks again")
                                                       : "the run goes on with '" + then + "'; nothing leaves";
  return fmt::format("{} ({}): {}", age(approval, "expires_at", now), at.substr(0, 16) + "Z", words);
}

}  // namespace

std::string readable(const json& value, std::string_view indent, std::size_t lines_at_most) {
  std::string out;
  std::size_t lines = 0, left_out = 0;
  const auto emit = [&](const std::string& line) {
    if (lines < lines_at_most) out += line + "\n", ++lines;
    else ++left_out;
  };
  const auto scalar = [](const json& v) { return v.is_string() ? visible_line(std::string_view(v.get_string())) : canonical(v); };
  const auto walk = [&](const auto& self, const json& v, const std::string& in, const std::string& before) -> void {
    if (v.is_object()) {
      if (v.get_object().empty()) return emit(before + "{}");
      bool first = true;
      for (const auto& pair : v.get_object()) {
        const auto head = (first ? before : in) + visible_line(std::string_view(pair.key())) + ": ";
        first = false;
        const auto& inner = pair.value();
        const bool deep = (inner.is_object() && !inner.get_object().empty()) || (inner.is_array() && !inner.get_array().empty());
        if (deep) {
          emit(head.substr(0, head.size() - 1));
          self(self, inner, in + "  ", in + "  ");
        } else if (inner.is_string() && inner.get_string().find('\n') != boost::json::string::npos) {
          emit(head + "|");
          std::string text = visible_text(std::string_view(inner.get_string()));
          for (std::string_view rest = text; !rest.empty();) {
            const auto end = rest.find('\n');
            emit(in + "  " + std::string(rest.substr(0, end)));
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
          }
        } else {
          emit(head + scalar(inner));
        }
      }
    } else if (v.is_array()) {
      if (v.get_array().empty()) return emit(before + "[]");
      bool first = true;
      for (const auto& item : v.get_array()) {
        self(self, item, in + "  ", (first ? before : in) + "- ");
        first = false;
      }
    } else {
      emit(before + scalar(v));
    }
  };
  walk(walk, value, std::string(indent), std::string(indent));
  if (left_out > 0) out += fmt::format("{}… {} more lines\n", indent, left_out);
  return out;
}

std::string ways_to_decide(const json& approval, const paint& p) {
  const auto id = text_at(approval, "approval");
  const auto& effects = list_at(approval, "effects");
  const auto rule = text_at(approval, "suggests");
  const auto habit = rule.empty() ? std::string{} : "  " + rule + "   " + p.dim("# you let the same through unchanged " + canonical(approval.at("unchanged_before")) + " times in a row") + "\n";
  return "  steward approve " + id + "\n" + habit + "  steward modify " + id + (effects.size() > 1 ? " --effect " + text_at(effects.front(), "effect") : "") + " --edit   " + p.dim("# or FIELD=VALUE") +
         "\n  steward reject " + id + " --reason \"...\"\n";
}

std::string approval_text(const json& approval, time_point now, const paint& p, bool whole) {
  const auto id = text_at(approval, "approval");
  const auto& effects = list_at(approval, "effects");
  const auto state = text_at(approval, "state", "asked");
  std::string out = p.bold(id) + "  " + text_at(approval, "workflow") + " / " + text_at(approval, "step") + "  " +
                    p.dim(fmt::format("{}, asked {}", text_at(approval, "run"), age(approval, "asked_at", now))) + "\n";
  if (state != "asked") out += "  " + p.wait("This was " + state + " already.") + "\n";
  if (const auto* changed = at_path(approval, "changed"); changed && state == "asked") out += "  " + p.wait("You changed it since it was asked (steward modify).") + "\n";
  for (const auto& e : effects)
    if (const auto at = text_at(e, "leaves_at"); !at.empty() && age(e, "leaves_at", now).starts_with("in "))
      out += "  " + p.wait(text_at(e, "effect") + " leaves " + age(e, "leaves_at", now) + " (" + at.substr(0, 16) + "Z) unless you take it back: steward undo " + text_at(e, "effect")) + "\n";
  out += "  " + p.wait(std::string(text_at(approval, "only_suggest") == "true" ? "A draft. " : "") + (effects.size() == 1 ? "If you approve, this happens:" : "If you approve, this happens in this order (" + counted(effects) + "):")) + "\n\n";
  out += what_happens(effects, p, whole) + "\n";

  const auto& dropped = list_at(approval, "dropped");
  if (!dropped.empty()) {
    std::string text;
    for (const auto& e : dropped) text += (text.empty() ? "" : "\n") + shortened(first_line(e), 60) + " (" + text_at(e, "how") + ": " + shortened(text_at(e, "reason"), 200) + ")";
    out += labelled("Left out", text, p);
  }
  out += labelled("Asked since", why_asked(effects), p);
  const auto* shows = at_path(approval, "shows");
  out += labelled("Evidence", sources(effects, shows, whole), p);
  std::string cost;
  for (const auto& e : effects)
    if (const auto c = text_at(e, "cost"); !c.empty() && c != "0.00") cost += (cost.empty() ? "" : " + ") + c;
  const auto so_far = text_at(approval, "run_cost", "0.00");
  out += labelled("Cost", (cost.empty() ? std::string("nothing") : "at most " + cost) + "; this run so far " + (so_far == "0.00" ? std::string("nothing") : so_far), p);
  out += labelled("Held", how_long_held(effects, state == "asked"), p);
  out += labelled("Undo", how_to_undo(effects), p);
  out += labelled("No answer", if_nobody_answers(approval, now), p);
  if (whole) {
    out += labelled("Digest", text_at(approval, "digest"), p);
    if (shows && shows->is_object() && !shows->get_object().empty()) out += "\n" + p.dim("  What it stands on:") + "\n" + readable(*shows, "  | ", 400);
  }
  if (state == "asked") {
    out += "\n" + ways_to_decide(approval, p);
    if (!whole) out += p.dim("  steward show " + id + "   has every word") + "\n";
  }
  return out;
}

std::string card_text(const json& card, time_point now, const paint& p, bool whole) {
  if (const auto* approval = at_path(card, "approval"); approval && approval->is_object()) return approval_text(*approval, now, p, whole);
  const auto id = text_at(card, "card");
  std::string out = p.bold(id) + "  " + p.bold(shortened(text_at(card, "title"), width)) + "\n";
  const auto run = text_at(card, "run");
  out += "  " + p.dim((run.empty() ? "" : run + ", ") + age(card, "raised_at", now)) + "\n";
  if (text_at(card, "text") != text_at(card, "title")) out += "\n" + wrapped(text_at(card, "text"), width - 2, "  ");
  if (const auto* shows = at_path(card, "shows"); shows && ((shows->is_object() && !shows->get_object().empty()) || shows->is_array()))
    out += "\n" + readable(*shows, "  | ", whole ? 400 : 12);
  out += "\n";
  for (const auto& option : list_at(card, "options"))
    if (option.is_string()) out += "  steward answer " + id + " " + visible_line(std::string_view(option.get_string())) + "\n";
  for (const auto& action : list_at(card, "actions"))
    if (action.is_string() && (list_at(card, "options").empty() || !std::string_view(action.get_string()).starts_with("steward answer")))
      out += "  " + visible_line(std::string_view(action.get_string())) + "\n";
  return out;
}

std::string inbox_text(const json& cards, time_point now, const paint& p) {
  if (!cards.is_array() || cards.get_array().empty()) return "Nothing needs you.\n";
  std::string out;
  std::map<std::string, std::vector<const json*>> groups;
  for (const auto& card : cards.get_array())
    if (const auto* approval = at_path(card, "approval"); approval && approval->is_object()) groups[text_at(*approval, "group")].push_back(approval);
  for (const auto& card : cards.get_array()) {
    const auto* approval = at_path(card, "approval");
    const bool asks = approval && approval->is_object();
    if (asks && !text_at(*approval, "group").empty()) {
      const auto& alike = groups[text_at(*approval, "group")];
      if (alike.size() > 1) {
        if (alike.front() == approval) out += group_text(alike, now, p);
        continue;
      }
    }
    if (const auto about = text_at(card, "about"); about == "hold" || about == "attention") {
      out += p.bold(fmt::format("{:<8}", about == "hold" ? text_at(card, "subject") : "")) + " " + shortened(text_at(card, "title"), width - 12) + "\n";
      if (about == "hold") out += "         " + p.dim(text_at(card, "run") + ", leaves " + age(card, "leaves_at", now) + " unless you take it back") + "\n";
      else out += wrapped(text_at(card, "text"), width - 12, "         ");
      std::string commands;
      for (const auto& action : list_at(card, "actions"))
        if (action.is_string()) commands += (commands.empty() ? "" : "   ") + visible_line(std::string_view(action.get_string()));
      out += "         " + commands + "\n";
      continue;
    }
    const auto id = asks ? text_at(*approval, "approval") : text_at(card, "card");
    out += p.bold(fmt::format("{:<8}", id)) + " " + shortened(text_at(card, "title"), width - 12) + "\n";
    std::string second = text_at(card, "run");
    if (asks) {
      second += (second.empty() ? "" : ", ") + counted(list_at(*approval, "effects"));
      if (const auto& dropped = list_at(*approval, "dropped"); !dropped.empty()) second += fmt::format(", {} left out", dropped.size());
      if (!text_at(*approval, "expires_at").empty()) second += ", ends " + age(*approval, "expires_at", now);
    } else {
      second += (second.empty() ? "" : ", ") + text_at(card, "about");
    }
    second += ", " + age(card, "raised_at", now);
    if (const auto* asleep = at_path(card, "snoozed")) second += age(*asleep, "until", now).starts_with("in ") ? ", asleep, back " + age(*asleep, "until", now) : ", back again";
    out += "         " + p.dim(second) + "\n";
    out += "         steward " + (asks ? "show " + id + "   steward approve " + id : "inbox " + id) + "\n";
  }
  return out;
}

std::string arguments_diff(const json& before, const json& after, const paint& p) {
  std::string out;
  const auto lines_of = [](const json& v) {
    std::vector<std::string> lines;
    const auto text = v.is_string() ? visible_text(std::string_view(v.get_string())) : canonical(v);
    for (std::string_view rest = text;;) {
      const auto end = rest.find('\n');
      lines.emplace_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest = rest.substr(end + 1);
    }
    return lines;
  };
  std::vector<std::string> keys;
  for (const auto* side : {&before, &after})
    if (side->is_object())
      for (const auto& pair : side->get_object())
        if (std::find(keys.begin(), keys.end(), pair.key()) == keys.end()) keys.emplace_back(pair.key());
  for (const auto& key : keys) {
    const auto* old_value = before.is_object() ? before.get_object().if_contains(key) : nullptr;
    const auto* new_value = after.is_object() ? after.get_object().if_contains(key) : nullptr;
    if (old_value && new_value && *old_value == *new_value) continue;
    out += "  " + p.bold(key) + "\n";
    auto gone = old_value ? lines_of(*old_value) : std::vector<std::string>{};
    auto come = new_value ? lines_of(*new_value) : std::vector<std::string>{};
    std::size_t same = 0, tail = 0;
    while (same < gone.size() && same < come.size() && gone[same] == come[same]) ++same;
    while (tail + same < gone.size() && tail + same < come.size() && gone[gone.size() - 1 - tail] == come[come.size() - 1 - tail]) ++tail;
    for (std::size_t i = same; i + tail < gone.size(); ++i) out += p.bad("  - " + gone[i]) + "\n";
    for (std::size_t i = same; i + tail < come.size(); ++i) out += p.good("  + " + come[i]) + "\n";
  }
  return out.empty() ? "  nothing changed\n" : out;
}

}  // namespace steward
