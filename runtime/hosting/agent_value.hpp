/// An agent with its states, without its type: gives one event to one instance and says what came of it. No CAF here.
///
/// An instance whose state is not at hand is rebuilt first: its past events are given to it again and what it says now is
/// compared, kind and digest, with what it said then. After an upgrade of the agent it goes on from its snapshot instead.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "runtime/agent.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/errand.hpp"
#include "runtime/digest.hpp"
#include "runtime/schema/derive.hpp"

namespace steward {

class agent_value {
public:
  virtual ~agent_value() = default;
  /// Never throws for what an agent does: a fault in the report carries its sentence. `process` faults are exceptions that the
  /// agent threw; the host then starts afresh.
  virtual turn_report handle(const deliver_event& given) = 0;
  virtual void forget(const std::string& instance) = 0;
};

template <complete_agent Agent>
class agent_value_of final : public agent_value {
public:
  explicit agent_value_of(const role_brief& brief) : agent_(make(brief)) {}

  turn_report handle(const deliver_event& given) override {
    turn_report report;
    report.instance = given.instance;
    report.handled = given.what.seq;
    report.attempt = given.attempt;
    report.agent_version = Agent::version;
    report.ticket = given.ticket;
    bool over = true;  // of a half-handled event the state is half changed; after the last one nobody needs it
    const auto known = instances_.find(given.instance);
    kept_state fresh;
    auto& kept = known == instances_.end() ? fresh : known->second;
    try {
      rebuild(kept, given, report);
      report.said = say(kept.state, given.what);
      over = std::any_of(report.said.begin(), report.said.end(), [](const intent& i) { return std::holds_alternative<finish>(i) || std::holds_alternative<give_up>(i); });
      if (!over) report.state = to_json(kept.state);
      ++kept.turns;
    } catch (const error_thrown& e) {
      report.trouble = as_fault(fault_kind::logic, e.what_happened());
    } catch (const std::exception& e) {
      report.trouble = fault{fault_kind::process, "agent_threw", std::string("The agent '") + Agent::name + "' threw: " + e.what()};
    } catch (...) {
      report.trouble = fault{fault_kind::process, "agent_threw", std::string("The agent '") + Agent::name + "' threw something that is no exception"};
    }
    if (over && known != instances_.end()) instances_.erase(known);
    if (!over && known == instances_.end()) instances_.emplace(given.instance, std::move(fresh));
    return report;
  }

  void forget(const std::string& instance) override { instances_.erase(instance); }

private:
  using state_type = typename Agent::state;
  struct kept_state {
    state_type state;
    std::size_t turns = 0;
  };

  static Agent make(const role_brief& brief) {
    if constexpr (std::constructible_from<Agent, const role_brief&>) return Agent(brief);
    else return Agent{};
  }

  /// Brings the state to where the turns on disk have left it.
  void rebuild(kept_state& kept, const deliver_event& given, turn_report& report) {
    const auto& past = *given.turns;
    if (kept.turns == past.size()) return;
    kept = {};
    const bool upgraded = given.recorded_version != 0 && given.recorded_version != Agent::version;
    if (upgraded) {
      if (!given.snapshot || given.snapshot_turns != past.size())
        throw error_thrown({"upgrade_without_snapshot", given.instance,
                            fmt::format("the agent was version {} and is {} now, and there is no snapshot of its last turn", given.recorded_version, Agent::version),
                            "a snapshot to go on from", "Retry the step: it begins anew with the new version"});
      auto state = from_json<state_type>(*given.snapshot, "snapshot");
      if (!state) throw error_thrown(state.error());
      kept = {std::move(*state), past.size()};
      report.upgraded_from = given.recorded_version;
      return;
    }
    for (const auto& turn : past) compare(turn, say(kept.state, turn.handled), given.instance);
    kept.turns = past.size();
  }

  static void compare(const past_turn& then, const intents& now, const std::string& instance) {
    const auto diverged = [&](const std::string& found, const std::string& expected) {
      throw error_thrown({"replay_diverged", instance, fmt::format("at event {} ({}) the agent now says {}", then.handled.seq, then.handled.kind, found), expected,
                          "Its code changed without a new version, or it uses something that is not in its events"});
    };
    if (now.size() != then.digests.size()) diverged(fmt::format("{} intents", now.size()), fmt::format("{} as recorded", then.digests.size()));
    for (std::size_t i = 0; i < now.size(); ++i) {
      const std::string kind(kind_of(now[i]));
      const auto digest = hex_digest(to_json_text(now[i]));
      if (kind != then.kinds[i] || digest != then.digests[i])
        diverged(kind + " " + digest.substr(0, 12), then.kinds[i] + " " + then.digests[i].substr(0, 12) + " as recorded");
    }
  }

  intents say(state_type& state, const agent_event& what) { return say_as(state, what, typename Agent::handles{}); }

  template <class... Events>
  intents say_as(state_type& state, const agent_event& what, events<Events...>) {
    intents said;
    bool known = false;
    (void)((what.kind == Events::kind ? (known = true, said = agent_.on(state, decode<Events>(what)), true) : false) || ...);
    if (!known)
      throw error_thrown({"event_not_handled", Agent::name, "it was given '" + what.kind + "'", "an event that it handles", "Add the event to `handles` and an `on` for it"});
    return said;
  }

  template <class Event>
  static Event decode(const agent_event& what) {
    auto e = from_json_text<Event>(*what.body);
    if (!e) {
      auto why = e.error();
      why.where = what.kind + (why.where.empty() ? "" : "." + why.where);
      throw error_thrown(why);
    }
    return std::move(*e);
  }

  Agent agent_;
  std::unordered_map<std::string, kept_state> instances_;
};

/// What the coordinator must know of an agent class.
template <complete_agent Agent>
agent_facts facts_of() {
  const auto shape = [](auto type) -> json {
    using T = typename decltype(type)::type;
    if constexpr (std::is_same_v<T, json>) return nullptr;
    else return schema_of<T>();
  };
  return {Agent::version, shape(std::type_identity<typename Agent::takes>{}), shape(std::type_identity<typename Agent::gives>{})};
}

}  // namespace steward
