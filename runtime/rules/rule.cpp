#include "runtime/rules/rule.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/expression/parser.hpp"

namespace steward {
namespace {

using cel::op;

/// The text that `ref` is when it is a literal one.
const value* literal_text(const cel::syntax_tree& tree, cel::node_ref ref) {
  const auto& n = tree.nodes[ref];
  return n.does == op::literal && n.literal.is(value_kind::text) ? &n.literal : nullptr;
}

bool is_action(const cel::syntax_tree& tree, cel::node_ref ref) {
  const auto& n = tree.nodes[ref];
  return n.does == op::root && tree.names[n.slot] == "action";
}

using names = std::optional<std::vector<std::string>>;

/// The texts of a list of literal ones, which the parser may have made one literal.
names texts_in(const cel::node& list, const cel::syntax_tree& tree) {
  std::vector<std::string> all;
  const auto add = [&](const value* text) {
    if (text && text->is(value_kind::text)) all.emplace_back(text->text());
    return text && text->is(value_kind::text);
  };
  if (list.does == op::list) {
    for (const auto item : list.of)
      if (!add(literal_text(tree, item))) return {};
  } else if (list.does == op::literal && list.literal.is(value_kind::list)) {
    for (std::size_t i = 0; i < list.literal.size(); ++i)
      if (const auto item = list.literal.item(i); !add(&item)) return {};
  } else {
    return {};
  }
  return all;
}

names actions_of(const cel::syntax_tree& tree, cel::node_ref ref) {
  const auto& n = tree.nodes[ref];
  if (n.does == op::equal) {
    for (const auto& [name, text] : {std::pair{n.of[0], n.of[1]}, {n.of[1], n.of[0]}})
      if (const auto* literal = literal_text(tree, text); literal && is_action(tree, name)) return {{std::string(literal->text())}};
  } else if (n.does == op::in && is_action(tree, n.of[0])) {
    return texts_in(tree.nodes[n.of[1]], tree);
  } else if (n.does == op::and_) {  // the narrowest part will do: where it is false, so is the whole
    names narrowest;
    for (const auto part : n.of)
      if (auto some = actions_of(tree, part); some && (!narrowest || some->size() < narrowest->size())) narrowest = std::move(some);
    return narrowest;
  } else if (n.does == op::or_) {
    std::vector<std::string> all;
    for (const auto part : n.of) {
      auto some = actions_of(tree, part);
      if (!some) return {};
      all.insert(all.end(), some->begin(), some->end());
    }
    return all;
  }
  return {};
}

error at_key(std::string_view key, error e) {
  e.where = e.where.empty() ? std::string(key) : fmt::format("{}:{}", key, e.where);
  return e;
}

}  // namespace

std::optional<std::vector<std::string>> actions_in(const expression& when) {
  const auto parsed = cel::parse(std::make_shared<const std::string>(when.text()), 0, cel::ends_at::end_of_text);
  if (!parsed) return {};
  auto all = actions_of(*parsed->tree, parsed->tree->top);
  if (!all) return {};
  std::sort(all->begin(), all->end());
  all->erase(std::unique(all->begin(), all->end()), all->end());
  return all;
}

result<std::shared_ptr<const rule>> rule::compile(policy_definition said, std::string_view company_zone, const std::vector<std::string>& entity_types) {
  auto made = std::make_shared<rule>();
  auto& r = *made;
  r.said_ = std::move(said);
  if (!r.said_.actions.empty()) r.actions_ = r.said_.actions;
  if (r.said_.when) {
    auto when = expression::parse(*r.said_.when);
    if (!when) return at_key("when", when.error());
    std::vector<std::string> known(std::begin(rule_name_list), std::end(rule_name_list));
    known.insert(known.end(), entity_types.begin(), entity_types.end());
    if (auto fits = when->check_names(known); !fits) return at_key("when", fits.error());
    const auto used = when->names();
    r.looks_at_recent_ = std::find(used.begin(), used.end(), "recent") != used.end();
    r.looks_at_entities_ = std::any_of(used.begin(), used.end(), [&](const auto& name) { return std::find(entity_types.begin(), entity_types.end(), name) != entity_types.end(); });
    if (!r.actions_) r.actions_ = actions_in(*when);
    r.when_ = std::move(*when);
  }
  if (r.said_.at_most) {
    auto limit = parse_rule_limit(*r.said_.at_most);
    if (!limit) return at_key("at_most", limit.error());
    const bool known = std::find(std::begin(count_scopes), std::end(count_scopes), limit->per) != std::end(count_scopes) ||
                       std::find(entity_types.begin(), entity_types.end(), limit->per) != entity_types.end();
    if (!known) {
      std::vector<std::string> scopes(std::begin(count_scopes), std::end(count_scopes));
      scopes.insert(scopes.end(), entity_types.begin(), entity_types.end());
      const auto near = nearest_name(limit->per, scopes);
      return error{"bad_at_most", "at_most", "there is no count for each '" + limit->per + "'", "company, role, workflow, run, action, recipient, or an entity type such as customer",
                   near.empty() ? "" : "Did you mean '" + near + "'?"};
    }
    r.limit_ = std::move(*limit);
  }
  if (r.said_.quiet_hours) {
    auto hours = quiet_hours::parse(*r.said_.quiet_hours, company_zone);
    if (!hours) return at_key("quiet_hours", hours.error());
    r.quiet_ = std::move(*hours);
  }
  return std::shared_ptr<const rule>(std::move(made));
}

result<bool> rule::holds_in_view(const rule_case& c) const { return when_ ? when_->holds(c, rule_cost_limit) : result<bool>(true); }

/// Of several recipients one is enough to stop it; to let it through, it has to hold for each of them.
result<bool> rule::holds(const rule_case& c) const {
  if (!said_.actions.empty() && std::find(said_.actions.begin(), said_.actions.end(), c.action()) == said_.actions.end()) return false;
  const auto views = looks_at_entities_ ? c.views() : 1;
  if (views == 1) return holds_in_view(c);
  const bool decides = said_.then != verdict::allow;  // the answer of one view that is the answer of all
  result<bool> all = !decides;
  for (std::size_t view = 0; view < views; ++view) {
    c.look_from(view);
    auto one = holds_in_view(c);
    if (one && *one == decides) {
      all = decides;
      break;
    }
    if (!one && all) all = std::move(one);
  }
  c.look_from(0);
  return all;
}

std::optional<ruling> rule::judge(const rule_case& c) const {
  if (said_.until && c.now() >= *said_.until) return {};
  const auto held = holds(c);
  // A rule that can't decide must not let anything through.
  if (!held) return ruling{said_.name, verdict::ask, fmt::format("{} (it could not be decided: {})", said_.because, to_sentence(held.error()))};
  if (!*held) return {};
  if (!limit_ && !quiet_) return ruling{said_.name, said_.then, said_.because};
  std::string too_much;
  if (quiet_ && quiet_->hold_at(c.local_at(quiet_->zone()))) too_much = fmt::format("quiet hours {}", quiet_->words());
  if (limit_ && too_much.empty()) {
    const auto left = c.most_since(said_.name, limit_->per, c.now() - limit_->within);
    if (left >= limit_->count) too_much = fmt::format("{} in {}{}, at most {}", left, to_text(limit_->within), limit_->per == "company" ? "" : " for this " + limit_->per, limit_->count);
  }
  if (said_.then == verdict::allow) {
    if (too_much.empty()) return ruling{said_.name, verdict::allow, said_.because};
    return ruling{said_.name, verdict::ask, fmt::format("{} (not now: {})", said_.because, too_much)};
  }
  if (too_much.empty()) return {};
  return ruling{said_.name, said_.then, fmt::format("{} ({})", said_.because, too_much)};
}

std::vector<std::string> rule::counts(const rule_case& c, std::string_view salt) const {
  std::vector<std::string> keys;
  if (!limit_) return keys;
  const auto held = holds(c);
  if (held && !*held) return keys;
  for (const auto& value : c.counted_as(limit_->per)) keys.push_back(count_key(salt, said_.name, limit_->per, value));
  return keys;
}

result<rule_book> rule_book::make(const std::vector<policy_definition>& policies, std::string_view company_zone, const std::vector<std::string>& entity_types) {
  rule_book book;
  for (const auto& said : policies) {
    auto made = rule::compile(said, company_zone, entity_types);
    if (!made) {
      auto e = made.error();
      e.where = "policy " + said.name + (e.where.empty() ? "" : " " + e.where);
      return e;
    }
    book.rules_.push_back(std::move(*made));
  }
  std::sort(book.rules_.begin(), book.rules_.end(), [](const auto& a, const auto& b) { return a->said().name < b->said().name; });
  for (const auto& r : book.rules_)
    if (r->actions())
      for (const auto& action : *r->actions()) book.by_action_[action];
  for (const auto& r : book.rules_) {
    const auto add = [&](of_action& to) {
      to.rules.push_back(r.get());
      to.limited = to.limited || r->said().at_most.has_value();
      to.recent = to.recent || r->looks_at_recent();
    };
    if (!r->actions()) add(book.others_);
    for (auto& [action, to] : book.by_action_)
      if (!r->actions() || std::find(r->actions()->begin(), r->actions()->end(), action) != r->actions()->end()) add(to);
  }
  return book;
}

const rule_book::of_action& rule_book::about(const std::string& action) const {
  const auto it = by_action_.find(action);
  return it == by_action_.end() ? others_ : it->second;
}

void rule_book::judge(const rule_case& c, std::vector<ruling>& said) const {
  const auto& rules = about(c.action()).rules;
  said.reserve(said.size() + rules.size());
  for (const auto* r : rules)
    if (auto one = r->judge(c)) said.push_back(std::move(*one));
}

std::vector<std::string> rule_book::counts(const rule_case& c, std::string_view salt) const {
  std::vector<std::string> keys;
  const auto& here = about(c.action());
  if (here.limited)
    for (const auto* r : here.rules)
      for (auto& key : r->counts(c, salt)) keys.push_back(std::move(key));
  if (here.recent)
    for (const auto scope : recent_scopes)
      for (const auto& value : c.counted_as(scope)) keys.push_back(count_key(salt, "recent " + c.action(), scope, value));
  return keys;
}

verdict strictest(verdict without_rules, bool only_suggest, const std::vector<ruling>& said, std::size_t from) {
  if (from >= said.size()) return without_rules;
  auto rules = verdict::allow;
  for (std::size_t i = from; i < said.size(); ++i) rules = std::max(rules, said[i].says);
  if (rules == verdict::allow && without_rules == verdict::ask && !only_suggest) return verdict::allow;
  return std::max(without_rules, rules);
}

}  // namespace steward
